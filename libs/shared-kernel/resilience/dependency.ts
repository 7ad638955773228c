import { setTimeout as sleep } from 'node:timers/promises';
import {
  BrokenCircuitError, BulkheadRejectedError, type IPolicy, ConsecutiveBreaker, ExponentialBackoff, bulkhead, circuitBreaker, handleWhen, wrap,
} from 'cockatiel';
import { Unavailable } from '../contract/index.js';
import { remainingMs } from '../runtime/index.js';
import { RetryBudget } from './retry-budget.js';

/** How a dependency is protected, and its callers from it. */
export interface DependencySettings {
  /** Is this error about the dependency, and not about what it was asked? Only such errors count against it and are tried again. */
  readonly isOutage: (error: unknown) => boolean;
  /** Calls at the same time, and how many wait for one of them to end. */
  readonly concurrency?: number;
  readonly queue?: number;
  /** Outages in a row after which nothing is sent for a while. */
  readonly outagesToOpen?: number;
  /** Milliseconds until it is probed for the first time; the pause grows with every probe that fails. */
  readonly firstProbeMs?: number;
}

const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [20, 1_000];
const LONGEST_PROBE_PAUSE_MS = 10_000;
const TRIES = 3;

/**
 * Calls to something that can be away. A bulkhead keeps one slow dependency from taking every caller with it; a breaker
 * answers at once while it is known to be away, and lets a single call through now and then to find out; what is safe
 * to repeat is repeated after growing, decorrelated pauses, within the deadline of the input and within a budget.
 */
export class Dependency {
  private readonly policy: IPolicy;
  private readonly budget = new RetryBudget();
  private readonly isOutage: DependencySettings['isOutage'];

  constructor(readonly name: string, { isOutage, concurrency = 128, queue = 512, outagesToOpen = 5, firstProbeMs = 500 }: DependencySettings) {
    this.isOutage = isOutage;
    const breaker = circuitBreaker(handleWhen(isOutage), {
      halfOpenAfter: new ExponentialBackoff({ initialDelay: firstProbeMs, maxDelay: LONGEST_PROBE_PAUSE_MS }),
      breaker: new ConsecutiveBreaker(outagesToOpen),
    });
    this.policy = wrap(bulkhead(concurrency, queue), breaker);
  }

  /**
   * @param isSafe may it be done twice?
   * @throws Unavailable when nothing was sent because the dependency is known to be away or has too much to do; what the work throws
   */
  async run<T>(work: () => Promise<T>, isSafe: boolean): Promise<T> {
    this.budget.deposit();
    for (let tries = 1, pauseMs = FIRST_PAUSE_MS; ; tries += 1) {
      try {
        return await this.policy.execute(work);
      } catch (error) {
        const refused = this.refusal(error);
        if (refused) throw refused;
        pauseMs = decorrelated(pauseMs);
        const again = isSafe && tries < TRIES && this.isOutage(error) && remainingMs() > pauseMs && this.budget.withdraw();
        if (!again) throw error;
        await sleep(pauseMs);
      }
    }
  }

  private refusal(error: unknown): Error | undefined {
    if (error instanceof BrokenCircuitError) return new Unavailable(`${this.name} has not answered several times in a row and is left alone for a moment.`, { dependency: this.name });
    if (error instanceof BulkheadRejectedError) return new Unavailable(`${this.name} has as many calls under way as it may have.`, { dependency: this.name });
    return undefined;
  }
}

/** "Decorrelated jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
function decorrelated(pauseMs: number): number {
  return Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS + Math.random() * (3 * pauseMs - FIRST_PAUSE_MS));
}
