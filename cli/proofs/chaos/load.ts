import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../simulation/engine/dice.js';
import type { Fleet } from './fleet.js';
import type { Journal } from './journal.js';

/** So many orders are under way at once, and so many are placed per second at most. */
const AT_ONCE = 12;
const PER_SECOND = 60;
const ANSWER_WITHIN_MS = 10_000;

/** Customers who order without end. Each order is asked for, under its one key, until it is acknowledged. */
export class Load {
  readonly orders: string[] = [];
  readonly acknowledged = new Set<string>();
  readonly customers = Array.from({ length: 15 }, (_, at) => `c${at}`);
  retried = 0;
  private isEnding = false;
  private loops: Promise<void>[] = [];

  constructor(private readonly fleet: Fleet, private readonly journal: Journal, private readonly dice: Dice) {}

  begin(): void {
    this.loops = Array.from({ length: AT_ONCE }, () => this.order());
  }

  /** No new orders; resolves when every order is acknowledged. */
  async end(): Promise<void> {
    this.isEnding = true;
    await Promise.all(this.loops);
  }

  private async order(): Promise<void> {
    while (!this.isEnding) {
      const customer = this.dice.pick(this.customers);
      const orderId = `${customer}-${this.orders.length}${this.dice.chance(0.2) ? 'd' : ''}`;
      this.orders.push(orderId);
      await this.insist(orderId, customer);
      await sleep(this.dice.next() * 2 * AT_ONCE * 1_000 / PER_SECOND);
    }
  }

  private async insist(orderId: string, customer: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      this.journal.note('asked', { orderId, attempt });
      try {
        await within(ANSWER_WITHIN_MS, this.fleet.place(orderId, customer, (count) => this.dice.whole(0, Math.max(1, count))));
        this.journal.note('acknowledged', { orderId });
        this.acknowledged.add(orderId);
        return;
      } catch (error) {
        this.retried += 1;
        this.journal.note('not acknowledged', { orderId, error: String(error) });
        await sleep(50 + this.dice.next() * 200);
      }
    }
  }
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = sleep(ms, undefined, { signal: abort.signal }).then(() => { throw new Error(`No answer came within ${ms} ms.`); });
  late.catch(() => undefined);
  try {
    return await Promise.race([promise, late]);
  } finally {
    abort.abort();
  }
}
