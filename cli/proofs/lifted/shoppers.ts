import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, House } from './house.js';

/** What shoppers ask for: what the lifted context answers, and what the monolith does. */
export type Question = 'payments' | 'catalog' | 'orders';

/** How one request ended. */
export interface Seen {
  readonly question: Question;
  readonly ms: number;
  /** Undefined when the connection broke, or nothing came. */
  readonly status: number | undefined;
  readonly code: string | undefined;
}

const SHOPPERS = 6;
/** What the shop is asked for is far from all it could bear: else it would fall behind by itself. */
const PAUSE_MS = 400;
/** What a shopper gives a request, in milliseconds. */
export const DEADLINE_MS = 5_000;
/** Nobody waits longer than this for an answer that was to come within the deadline. */
const GIVE_UP_MS = DEADLINE_MS + 5_000;

/** People who order, and look at their payments and at the catalogue, without end. */
export class Shoppers {
  readonly orders: string[] = [];
  private seen: Seen[] = [];
  private isOver = false;
  private loops: Promise<void>[] = [];

  private constructor(private readonly house: House, private readonly sku: string, private readonly tokens: readonly string[]) {}

  static async invite(house: House): Promise<Shoppers> {
    const sku = await house.article(1_000_000);
    return new Shoppers(house, sku, await Promise.all(Array.from({ length: SHOPPERS }, () => house.customer())));
  }

  begin(): void {
    this.isOver = false;
    this.loops = this.tokens.map((token) => this.shop(token));
  }

  async end(): Promise<void> {
    this.isOver = true;
    await Promise.all(this.loops);
  }

  /** What was seen since the last look. */
  look(): Seen[] {
    const { seen } = this;
    this.seen = [];
    return seen;
  }

  private async shop(token: string): Promise<void> {
    let last: string | undefined;
    while (!this.isOver) {
      await this.ask('catalog', 'GET', '/v1/products?limit=5', token);
      const placed = await this.ask('orders', 'POST', '/v1/orders', token, { lines: [{ sku: this.sku, quantity: 1 }] });
      if (placed?.status === 202) this.orders.push(last = String(placed.body.id));
      if (last !== undefined) await this.ask('payments', 'GET', `/v1/payments?orderId=${last}`, token);
      await sleep(2 * PAUSE_MS * Math.random());
    }
  }

  private async ask(question: Question, method: string, path: string, token: string, body?: unknown): Promise<Answer | undefined> {
    const began = performance.now();
    const note = (status: number | undefined, code: string | undefined): void => { this.seen.push({ question, ms: performance.now() - began, status, code }); };
    const late = sleep(GIVE_UP_MS, undefined, { ref: false });
    const answer = await Promise.race([this.house.ask(method, path, { token, body, headers: { 'x-banyan-deadline-ms': String(DEADLINE_MS) } }).catch(() => undefined), late]);
    note(answer?.status, answer?.body.code);
    return answer;
  }
}

const QUESTIONS: readonly Question[] = ['catalog', 'orders', 'payments'];

/** How long the slowest of a hundred answers took in the calm and in the trouble, in words. */
export function timesOf(calm: readonly Seen[], rough: readonly Seen[]): string {
  return QUESTIONS.map((it) => `${it} p99 ${percentile(calm, it)} → ${percentile(rough, it)} ms`).join(', ');
}

function percentile(seen: readonly Seen[], question: Question): number {
  const sorted = seen.filter((it) => it.question === question).map(({ ms }) => ms).toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length * 0.99)] ?? 0);
}
