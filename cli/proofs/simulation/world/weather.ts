import type { Dice } from '../engine/dice.js';
import type { ScheduledEvent } from '../engine/schedule.js';

/** What may befall an event: its process dies or stands still, its connection breaks or is slow, the server stops. */
export type Fault = 'kill' | 'pause' | 'cut' | 'stall' | 'stop-server';

const faults: readonly Fault[] = ['kill', 'pause', 'cut', 'stall', 'stop-server'];

/** Where the faults strike, counted in events, and how the network is on an ordinary day. */
export interface Weather {
  readonly strikes: ReadonlyMap<number, Fault>;
  readonly lastStrike: number;
  readonly latency: () => number;
  /** Of calls between processes. */
  readonly lostRequests: number;
  readonly lostReplies: number;
  readonly doubledRequests: number;
}

/**
 * Draws the weather of one run. Every run has its own mixture, so that some faults meet each other often: some runs know
 * kills alone, some everything at once, a few nothing at all.
 */
export function weatherFrom(dice: Dice, expectedEvents: number): Weather {
  const kinds = faults.filter(() => dice.chance(0.6));
  const strikes = new Map<number, Fault>();
  const count = kinds.length === 0 ? 0 : dice.whole(0, 9);
  for (let strike = 0; strike < count; strike += 1) strikes.set(dice.whole(1, expectedEvents), dice.pick(kinds));
  const ordinary = dice.spread(0.05, 3);
  const tail = dice.chance(0.5) ? dice.spread(0.001, 0.05) : 0;
  const sometimes = (): number => (dice.chance(0.4) ? dice.spread(0.01, 0.2) : 0);
  return {
    strikes, lastStrike: Math.max(0, ...strikes.keys()),
    latency: () => (dice.chance(tail) ? dice.spread(10, 3_000) : ordinary * (0.5 + dice.next())),
    lostRequests: sometimes(), lostReplies: sometimes(), doubledRequests: sometimes(),
  };
}

/** Can the fault strike here? A timer has no connection that could break. */
export function canStrike(fault: Fault, { actor, touches }: ScheduledEvent): boolean {
  switch (fault) {
    case 'kill':
    case 'pause': return actor !== undefined || touches !== undefined;
    case 'cut':
    case 'stall': return touches !== undefined;
    case 'stop-server': return true;
  }
}
