import { wallClock } from '../runtime/index.js';

/**
 * How long candidates may run, as a share of the time that passes. What nobody used is saved up to a limit. Whoever began
 * may end, so the budget can go below nothing; then it takes so much longer until the next one may begin.
 */
export class Budget {
  private savedMs: number;
  private lookedAt: number;

  /** @param share milliseconds per millisecond; @param mostMs how much is saved up, and there at the beginning */
  constructor(private readonly share: number, private readonly mostMs: number, private readonly ticks = wallClock.ticks) {
    this.savedMs = mostMs;
    this.lookedAt = ticks();
  }

  get isLeft(): boolean {
    const now = this.ticks();
    this.savedMs = Math.min(this.mostMs, this.savedMs + (now - this.lookedAt) * this.share);
    this.lookedAt = now;
    return this.savedMs > 0;
  }

  spend(ms: number): void {
    this.savedMs -= ms;
  }
}
