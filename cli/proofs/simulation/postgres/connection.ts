import type { Actor, Gate } from '../engine/schedule.js';
import type { Backend } from './backend.js';
import type { SimulatedServer } from './server.js';
import { connectionLost } from './sql-error.js';

/** How long a message takes on its way, in milliseconds; drawn anew for each. */
export type Latency = () => number;

interface Query {
  readonly resolve: (answer: { command: string; rows: readonly object[]; rowCount: number }) => void;
  readonly reject: (error: Error) => void;
}

/** How a connection comes to its end. */
export interface Cut {
  /** Are messages that are on their way to the server lost? Otherwise they still arrive, and nobody hears the answer. */
  readonly losesMessages: boolean;
  /** After so many milliseconds the server knows, too. */
  readonly serverNoticesMs: number;
}

type ErrorListener = (error: Error) => void;

/** A client's connection in the shape of the `pg` driver, as far as the product uses it. */
export class SimulatedConnection {
  private readonly unanswered: Query[] = [];
  private readonly listeners = new Set<ErrorListener>();
  private readonly upstream: Gate & { last: number } = { opensAt: 0, last: 0 };
  private readonly downstream: Gate & { last: number } = { opensAt: 0, last: 0 };
  private readonly backend: Backend;
  /** What the server has not answered yet. */
  private readonly sent: string[] = [];
  private status: 'I' | 'T' | 'E' | null = 'I';
  private losesMessages = false;
  isBroken = false;

  /** What lies below the driver: writes are not gathered here, and a destroyed stream is a cut. */
  readonly connection = { stream: { writableCorked: 1, destroy: () => { void this.end(); } } };

  constructor(
    readonly name: string, readonly actor: Actor, schema: string, private readonly server: SimulatedServer, private readonly latency: Latency,
    private readonly giveBack: (connection: SimulatedConnection) => void,
  ) {
    this.backend = server.connect(name, schema, (answer) => this.carryBack(answer), () => this.cut({ losesMessages: true, serverNoticesMs: 0 }));
  }

  query(sent: string | { readonly text: string; readonly values?: readonly unknown[] }): Promise<{ command: string; rows: readonly object[]; rowCount: number }> {
    if (this.isBroken) return Promise.reject(new Error('Client has encountered a connection error and is not queryable'));
    const message = typeof sent === 'string' ? { text: sent, params: [] } : { text: sent.text, params: (sent.values ?? []).map(frozenCopy) };
    const what = this.describe(message.text);
    this.status = null;
    return new Promise((resolve, reject) => {
      this.unanswered.push({ resolve, reject });
      this.sent.push(what);
      this.server.schedule.plan({
        delayMs: this.inOrder(this.upstream), kind: 'arrival', what: `${this.name}: ${what}`, gates: [this.upstream], touches: this,
        run: () => { if (!this.losesMessages) this.backend.receive(message); },
      });
    });
  }

  getTransactionStatus(): string | null {
    return this.status;
  }

  on(_event: 'error', listener: ErrorListener): void {
    this.listeners.add(listener);
  }

  once(event: 'error', listener: ErrorListener): void {
    this.on(event, listener);
  }

  removeListener(_event: 'error', listener: ErrorListener): void {
    this.listeners.delete(listener);
  }

  release(closes: boolean): void {
    if (closes) void this.end();
    this.giveBack(this);
  }

  end(): Promise<void> {
    this.cut({ losesMessages: false, serverNoticesMs: this.latency() });
    return Promise.resolve();
  }

  /** The connection breaks: both ends get to know, each in its own time. */
  cut({ losesMessages, serverNoticesMs }: Cut): void {
    if (this.isBroken) return;
    this.isBroken = true;
    this.status = null;
    this.losesMessages = losesMessages;
    this.server.schedule.plan({ delayMs: Math.max(serverNoticesMs, this.upstream.last - this.server.schedule.now), kind: 'world', what: `the server notices that ${this.name} is gone`, run: () => this.backend.close() });
    this.server.schedule.plan({ delayMs: this.latency(), kind: 'answer', actor: this.actor, what: `${this.name} is lost`, run: () => this.fail() });
  }

  /** Lets what is on its way wait. */
  stall(ms: number): void {
    this.upstream.opensAt = this.server.schedule.now + ms;
  }

  private carryBack({ command, rows, status, error }: Parameters<ConstructorParameters<typeof Backend>[3]>[0]): void {
    const what = this.sent.shift() ?? '';
    if (this.isBroken) return;
    this.server.schedule.plan({
      delayMs: this.inOrder(this.downstream), kind: 'answer', actor: this.actor, gates: [this.downstream], touches: this,
      what: `${this.name}: ${what} ${error ? `→ ${error.message}` : `→ ${rows.length} rows`}`,
      run: () => {
        if (this.isBroken) return;
        this.status = status;
        const query = this.unanswered.shift();
        if (error) query?.reject(error);
        else query?.resolve({ command, rows, rowCount: rows.length });
      },
    });
  }

  private fail(): void {
    const error = connectionLost();
    for (const listener of this.listeners) listener(error);
    for (const query of this.unanswered.splice(0)) query.reject(error);
  }

  /** Messages of one direction arrive in the order in which they were sent. */
  private inOrder(direction: { last: number }): number {
    const { now } = this.server.schedule;
    direction.last = Math.max(direction.last, now + this.latency());
    return direction.last - now;
  }

  private describe(text: string): string {
    const control = /^\s*(begin|commit|rollback|set)\b/i.exec(text)?.[1];
    return control ? control.toUpperCase() : this.server.book.find(text).name;
  }
}

/** What the caller changes after sending must not change what was sent. */
function frozenCopy(value: unknown): unknown {
  return Array.isArray(value) ? value.map(frozenCopy) : value;
}
