import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Answer, Exchange } from './http.js';

/** The shop stayed away for longer than the replay is willing to wait. */
export class ShopGone extends Error {
  override readonly name = 'ShopGone';
}

/** The replay was asked to stop. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** How long to hold out, in milliseconds. */
export interface Limits {
  readonly patienceMs: number;
  /** First pause before a retry; the following ones grow with jitter, to five seconds at most. */
  readonly retryMs: number;
  /** For how long all answers must fail before the shop is called away. */
  readonly awayAfterMs: number;
}

const LONGEST_PAUSE_MS = 5_000;
const LONGEST_RETRY_AFTER_S = 30;

/**
 * Holds out while the shop is away. Every request of the replay may be sent twice, because each
 * write carries an idempotency key; so whatever is not an answer is sent again.
 */
export class Patience {
  #failingSince: number | null = null;
  #isAway = false;

  constructor(
    private readonly limits: Limits,
    private readonly stop: AbortSignal,
    private readonly say: (line: string) => void,
  ) {}

  /**
   * Sends until the shop answers for good. When patience ends, `probe` tells a shop that is gone
   * (throws) from one request that the shop cannot take (gives back how it failed).
   */
  async persist(send: () => Promise<Exchange>, probe: () => Promise<Exchange>): Promise<Exchange> {
    const startedAt = performance.now();
    let pause = this.limits.retryMs;
    for (;;) {
      const exchange = await send();
      if (isFinal(exchange)) return this.#answered(exchange);
      this.#failed(exchange);
      if (performance.now() - startedAt > this.limits.patienceMs) return this.#lastTry(send, probe);
      // Decorrelated jitter: spreads those that were thrown back at the same moment.
      pause = Math.min(LONGEST_PAUSE_MS, this.limits.retryMs + Math.random() * (pause * 3 - this.limits.retryMs));
      await this.rest(Math.max(pause, retryAfterMs(exchange)));
    }
  }

  /** Waits, unless the replay is asked to stop. */
  async rest(ms: number): Promise<void> {
    try {
      await delay(ms, undefined, { signal: this.stop });
    } catch {
      throw new Stopped('stopped while waiting for the shop');
    }
  }

  async #lastTry(send: () => Promise<Exchange>, probe: () => Promise<Exchange>): Promise<Exchange> {
    const probed = await probe();
    if (!isFinal(probed)) throw new ShopGone(`no answer for ${this.#seconds()} s (${describe(probed)})`);
    return send();
  }

  #answered(answer: Answer): Answer {
    if (this.#isAway && this.#failingSince !== null) {
      const seconds = ((performance.now() - this.#failingSince) / 1000).toFixed(1);
      this.say(`The shop is back after ${seconds} s.`);
    }
    this.#isAway = false;
    this.#failingSince = null;
    return answer;
  }

  #failed(exchange: Exchange): void {
    const now = performance.now();
    this.#failingSince ??= now;
    // A single dropped connection is not worth a line; a shop that answers nobody is.
    if (this.#isAway || now - this.#failingSince < this.limits.awayAfterMs) return;
    this.#isAway = true;
    this.say(`The shop does not answer (${describe(exchange)}); trying again for up to ${this.#seconds()} s.`);
  }

  #seconds(): number {
    return Math.round(this.limits.patienceMs / 1000);
  }
}

/** Whether sending again would change nothing. 409 on these writes means: the first try still runs. */
function isFinal(exchange: Exchange): exchange is Answer {
  return exchange.is === 'answer' && exchange.status < 500 && ![408, 409, 425, 429].includes(exchange.status);
}

const RetryAfter = z.coerce
  .number()
  .min(0)
  .transform((seconds) => Math.min(seconds, LONGEST_RETRY_AFTER_S))
  .catch(0);

function retryAfterMs(exchange: Exchange): number {
  return exchange.is === 'answer' ? RetryAfter.parse(exchange.headers['retry-after'] ?? 0) * 1000 : 0;
}

function describe(exchange: Exchange): string {
  return exchange.is === 'answer' ? `status ${exchange.status}` : exchange.why;
}
