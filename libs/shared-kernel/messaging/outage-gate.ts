import { wallClock } from '../runtime/index.js';
import { Bell } from './bell.js';
import { longerDelay } from './retry.js';

/** So many events in a row must miss the same way before the whole context pauses: one may have a bad day of its own. */
const MISSES = 3;
const FIRST_PAUSE_MS = 100;

/**
 * Holds back the handlers of one context while something they need is away. Open, it lets everyone in. After a few
 * outages in a row, or one of the context's own database, it closes for a growing, jittered time, then lets one
 * worker in to probe; what that one finds opens it again or closes it for longer.
 */
export class OutageGate {
  private misses = 0;
  private pauseMs = 0;
  private openAt = 0;
  private probing = false;
  private ownDatabase = false;
  private because: string | undefined;
  private readonly bell = new Bell();

  constructor(private readonly longestPauseMs: number) {}

  /** Why it is closed; undefined while it is open. */
  get paused(): string | undefined {
    return this.misses >= MISSES ? this.because : undefined;
  }

  /** Something is wrong, if not for sure: go one by one. */
  get troubled(): boolean {
    return this.misses > 0;
  }

  /** Resolves when a worker may run. The worker calls what it gets when it is through. */
  async enter(): Promise<() => void> {
    while (this.misses >= MISSES && !this.bell.closed) {
      const ms = this.openAt - wallClock.ticks();
      if (!this.probing && ms <= 0) {
        this.probing = true;
        return () => {
          this.probing = false;
          this.bell.ring();
        };
      }
      await this.bell.wait(Math.max(ms, FIRST_PAUSE_MS));
    }
    return () => {};
  }

  /** Events were handled. */
  reached(): void {
    if (this.misses === 0) return;
    this.misses = 0;
    this.pauseMs = 0;
    this.bell.ring();
  }

  /** The context's database answers, which says nothing of anything else. */
  databaseAnswers(): void {
    if (this.ownDatabase) this.reached();
  }

  /** @param ownDatabase is it the context's own database? Then nothing can run, and once is enough to know. */
  missed(because: string, ownDatabase: boolean): void {
    this.because = because;
    this.ownDatabase = ownDatabase;
    this.misses = ownDatabase ? Math.max(this.misses + 1, MISSES) : this.misses + 1;
    // Workers that were in when it closed tell the same story; only a probe makes the pause longer.
    if (this.misses < MISSES || wallClock.ticks() < this.openAt) return;
    this.pauseMs = longerDelay(this.pauseMs, FIRST_PAUSE_MS, this.longestPauseMs);
    this.openAt = wallClock.ticks() + this.pauseMs;
  }

  close(): void {
    this.bell.close();
  }
}
