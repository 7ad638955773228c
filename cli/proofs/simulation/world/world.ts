import type { EventTransport } from '@banyan/kernel/messaging';
import { Dice } from '../engine/dice.js';
import { enterWorld } from '../engine/globals.js';
import { Schedule, type ScheduledEvent } from '../engine/schedule.js';
import type { Book } from '../postgres/book.js';
import { SimulatedServer } from '../postgres/server.js';
import { History } from './history.js';
import { Network } from './network.js';
import { type ProcessPlan, SimulatedProcess } from './process.js';
import { type Fault, type Weather, canStrike, weatherFrom } from './weather.js';

export interface WorldPlan {
  readonly seed: string;
  readonly book: Book;
  readonly processes: number;
  readonly process: ProcessPlan;
  /** About how many events a run has: faults strike among them. */
  readonly expectedEvents: number;
  readonly keepsHistory: boolean;
  readonly transport: (process: SimulatedProcess) => EventTransport;
}

/** Everything that exists in one run: processes, a database server, a network, and what befalls them. */
export class World {
  readonly dice: Dice;
  readonly schedule = new Schedule();
  readonly server: SimulatedServer;
  readonly history: History;
  readonly network: Network;
  readonly weather: Weather;
  readonly struck: Record<Fault, number> = { kill: 0, pause: 0, cut: 0, stall: 0, 'stop-server': 0 };
  private readonly processes: SimulatedProcess[] = [];
  private born = 0;

  constructor(private readonly plan: WorldPlan) {
    this.dice = new Dice(plan.seed);
    this.weather = weatherFrom(this.dice, plan.expectedEvents);
    this.server = new SimulatedServer(this.schedule, plan.book, this.dice.whole(-30_000, 30_000));
    this.history = new History(this.schedule, plan.keepsHistory);
    this.network = new Network(this.schedule, this.dice, this.weather, () => this.alive);
    this.schedule.onStep = (event) => this.step(event);
    enterWorld({ schedule: this.schedule, dice: this.dice });
    for (let at = 0; at < plan.processes; at += 1) this.bear(this.dice.spread(0.1, 50));
  }

  get alive(): readonly SimulatedProcess[] {
    return this.processes.filter((it) => !it.isDead);
  }

  /** Is all that was to go wrong over? */
  get isCalm(): boolean {
    return this.schedule.steps > this.weather.lastStrike;
  }

  /** Starts another process after so many milliseconds. */
  private bear(afterMs: number): void {
    this.schedule.plan({
      delayMs: afterMs, kind: 'world', what: 'a process is started', run: () => {
        this.born += 1;
        const process = new SimulatedProcess(`p${this.born}`, this.plan.process, this.server, this.weather.latency);
        this.processes.push(process);
        this.schedule.plan({ delayMs: 0, kind: 'world', actor: process, what: `${process.name} starts`, run: () => this.start(process) });
      },
    });
  }

  private start(process: SimulatedProcess): void {
    process.start(this.network.from(process), this.plan.transport(process)).catch((error: unknown) => {
      this.history.note(`${process.name} cannot start: ${String(error)}`);
      this.kill(process);
    });
  }

  private step(event: ScheduledEvent): void {
    this.history.note(`${event.actor ? `${event.actor.name} ` : ''}${event.what}`);
    const fault = this.weather.strikes.get(this.schedule.steps);
    if (fault && canStrike(fault, event)) this.strike(fault, event);
  }

  private strike(fault: Fault, event: ScheduledEvent): void {
    this.struck[fault] += 1;
    this.history.note(`!! ${fault} (${event.actor?.name ?? event.touches?.actor.name ?? 'the server'})`);
    const victim = (event.actor ?? event.touches?.actor) as SimulatedProcess | undefined;
    switch (fault) {
      case 'kill': return victim && this.kill(victim);
      case 'pause': if (victim) victim.opensAt = this.schedule.now + this.dice.spread(10, 60_000); return undefined;
      case 'cut': return event.touches?.cut({ losesMessages: this.dice.chance(0.5), serverNoticesMs: this.dice.spread(0.1, 60_000) });
      case 'stall': return event.touches?.stall(this.dice.spread(10, 30_000));
      case 'stop-server': return this.stopServer();
    }
  }

  private kill(victim: SimulatedProcess): void {
    if (victim.isDead) return;
    victim.kill(() => this.dice.chance(0.5), () => this.dice.spread(0.05, 2_000));
    this.bear(this.dice.spread(1, 20_000));
  }

  private stopServer(): void {
    this.server.crash(this.dice.spread(10, 20_000));
    for (const process of this.alive) for (const pool of process.pools) pool.cutAll(() => ({ losesMessages: true, serverNoticesMs: 0 }));
  }
}
