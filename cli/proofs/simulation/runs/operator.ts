import { text } from '../statements/values.js';
import type { World } from '../world/world.js';

const LOOKS_EVERY_MS = 15_000;

/** Looks now and then whether something is parked, and has it redriven, key by key, through some process. */
export class Operator {
  private wishes = 0;

  constructor(private readonly world: World) {}

  begin(): void {
    this.world.schedule.plan({ delayMs: LOOKS_EVERY_MS, kind: 'world', what: 'the operator looks', run: () => this.look() });
  }

  private look(): void {
    this.begin();
    for (const context of ['shop', 'books']) {
      const parked = this.world.server.table(context, 'inbox').committed().filter((it) => it['status'] === 'parked');
      for (const key of new Set(parked.map((it) => text(it['aggregate_id'])))) this.redrive(context, key);
    }
  }

  private redrive(context: string, key: string): void {
    const { alive } = this.world;
    if (alive.length === 0) return;
    const process = this.world.dice.pick(alive);
    this.wishes += 1;
    const wish = `wish ${this.wishes}`;
    this.world.schedule.plan({
      delayMs: 1, kind: 'call', actor: process, what: `${process.name} is told to redrive ${key} in ${context}`,
      run: () => {
        process.messaging.get(context)?.parking.redrive({ filter: { key }, perSecond: 100, principalId: 'operator', idempotencyKey: wish, requestHash: wish, reason: 'The cause is gone.' })
          .catch(() => undefined); // whatever it was, the next look finds what is still parked
      },
    });
  }
}
