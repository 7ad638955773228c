import type { DataSource } from 'typeorm';
import type { Actor, ScheduledEvent } from '../engine/schedule.js';
import { type Cut, type Latency, SimulatedConnection } from './connection.js';
import type { SimulatedServer } from './server.js';

const CONNECT_TIMEOUT_MS = 5_000;

interface Waiting {
  readonly alarm: ScheduledEvent;
  readonly take: (connection: SimulatedConnection) => void;
  readonly fail: (error: Error) => void;
}

/** The connections of one process to one context's schema. */
export class SimulatedPool {
  readonly connections = new Set<SimulatedConnection>();
  private readonly idle: SimulatedConnection[] = [];
  private readonly waiting: Waiting[] = [];
  private opening = 0;
  private opened = 0;

  constructor(private readonly actor: Actor, readonly schema: string, private readonly size: number, private readonly server: SimulatedServer, private readonly latency: Latency) {}

  take(): Promise<SimulatedConnection> {
    for (let free = this.idle.shift(); free; free = this.idle.shift()) {
      if (!free.isBroken) return Promise.resolve(free);
      this.connections.delete(free);
    }
    return new Promise((take, fail) => {
      const alarm = this.server.schedule.plan({
        delayMs: CONNECT_TIMEOUT_MS, kind: 'timer', actor: this.actor, what: 'the wait for a connection ends',
        run: () => {
          this.waiting.splice(this.waiting.indexOf(waiting), 1);
          fail(new Error('timeout exceeded when trying to connect'));
        },
      });
      const waiting = { alarm, take, fail };
      this.waiting.push(waiting);
      this.openAnother();
    });
  }

  /** Broken ones are forgotten, and others are opened for those who wait. */
  giveBack(connection: SimulatedConnection): void {
    if (connection.isBroken || connection.getTransactionStatus() !== 'I') {
      this.connections.delete(connection);
      if (!connection.isBroken) void connection.end();
      this.openAnother();
      return;
    }
    const next = this.next();
    if (next) next.take(connection);
    else this.idle.push(connection);
  }

  cutAll(cut: () => Cut): void {
    for (const connection of this.connections) connection.cut(cut());
  }

  private openAnother(): void {
    if (this.waiting.length <= this.opening || this.connections.size + this.opening >= this.size) return;
    this.opening += 1;
    this.server.schedule.plan({ delayMs: this.latency() * 3, kind: 'answer', actor: this.actor, what: `${this.actor.name} connects to ${this.schema}`, run: () => this.connect() });
  }

  private connect(): void {
    this.opening -= 1;
    const next = this.next();
    if (!next) return;
    if (!this.server.isUp) {
      next.fail(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      return;
    }
    this.opened += 1;
    const connection = new SimulatedConnection(`${this.actor.name}.${this.schema}#${this.opened}`, this.actor, this.schema, this.server, this.latency, (given) => this.giveBack(given));
    this.connections.add(connection);
    next.take(connection);
  }

  private next(): Waiting | undefined {
    const next = this.waiting.shift();
    if (next) next.alarm.isCancelled = true;
    return next;
  }
}

/** The pool in the shape of TypeORM's data source: as much of it as `Database` asks for. */
export function dataSourceOf(pool: SimulatedPool): DataSource {
  const driver = {
    async obtainMasterConnection() {
      const connection = await pool.take();
      return [connection, () => pool.giveBack(connection)];
    },
  };
  // The rest of TypeORM is not there; whoever asked for it would fail at once.
  return { isInitialized: true, options: {}, manager: {}, driver, destroy: () => Promise.resolve() } as unknown as DataSource;
}
