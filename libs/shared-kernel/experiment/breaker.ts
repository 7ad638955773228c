import { wallClock } from '../runtime/index.js';

/** Failures in a row after which a candidate is left alone. */
const FAILURES_TO_OPEN = 5;
const [FIRST_REST_MS, LONGEST_REST_MS] = [30_000, 600_000];

/** What a breaker does about an outcome: it is said once, not at each. */
export type Switched = 'off' | 'on' | undefined;

/**
 * Leaves a candidate alone that failed several times in a row, then lets one run through to find out; each rest is twice
 * as long as the one before it.
 */
export class Breaker {
  private failures = 0;
  private restMs = FIRST_REST_MS;
  private offUntil: number | undefined;

  constructor(private readonly ticks = wallClock.ticks) {}

  get isOff(): boolean {
    return this.offUntil !== undefined;
  }

  /** May one begin? While it is off, asking takes the only chance to try. */
  allows(): boolean {
    if (this.offUntil === undefined) return true;
    if (this.ticks() < this.offUntil) return false;
    this.rest();
    return true;
  }

  note(failed: boolean): Switched {
    if (!failed) return this.recover();
    this.failures += 1;
    if (this.isOff || this.failures < FAILURES_TO_OPEN) return undefined;
    this.rest();
    return 'off';
  }

  private rest(): void {
    this.offUntil = this.ticks() + this.restMs;
    this.restMs = Math.min(LONGEST_REST_MS, this.restMs * 2);
  }

  private recover(): Switched {
    const wasOff = this.isOff;
    this.failures = 0;
    this.restMs = FIRST_REST_MS;
    this.offUntil = undefined;
    return wasOff ? 'on' : undefined;
  }
}
