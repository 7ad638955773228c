import { wallClock } from '../runtime/index.js';
import { Bell } from './bell.js';

/** Which lanes have something to do, handed to one worker at a time. In memory only: what it forgets the poll finds. */
export class LaneQueue {
  private readonly marked = new Set<number>();
  private readonly taken = new Set<number>();
  private readonly timers = new Map<NodeJS.Timeout, { readonly lane: number; readonly dueAt: number }>();
  private readonly bell = new Bell();

  /** Nobody works and nothing is up; lanes that wait for a time to come do not count. */
  get isQuiet(): boolean {
    return this.marked.size === 0 && this.taken.size === 0;
  }

  mark(lanes: Iterable<number>): void {
    for (const lane of lanes) this.marked.add(lane);
    this.bell.ring();
  }

  /**
   * Marks a lane that is not marked sooner anyhow. A worker that comes too soon asks again for later, so without this
   * every mark from outside would leave one more timer that never dies while the lane stays with another process.
   */
  markLater(lane: number, ms: number): void {
    const dueAt = wallClock.ticks() + ms;
    if (this.bell.closed || this.isDueBy(lane, dueAt)) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.mark([lane]);
    }, ms);
    this.timers.set(timer, { lane, dueAt });
  }

  /** The lane that was marked first and that no other worker has; waits for one. Undefined once the queue is closed. */
  async take(): Promise<number | undefined> {
    while (!this.bell.closed) {
      for (const lane of this.marked) {
        if (this.taken.has(lane)) continue;
        this.marked.delete(lane);
        this.taken.add(lane);
        return lane;
      }
      await this.bell.wait(60_000);
    }
    return undefined;
  }

  /** The worker is done with the lane for now; marked meanwhile, it is up again. */
  giveBack(lane: number): void {
    this.taken.delete(lane);
    if (this.marked.has(lane)) this.bell.ring();
  }

  close(): void {
    for (const timer of this.timers.keys()) clearTimeout(timer);
    this.timers.clear();
    this.bell.close();
  }

  private isDueBy(lane: number, dueAt: number): boolean {
    for (const it of this.timers.values()) if (it.lane === lane && it.dueAt <= dueAt) return true;
    return false;
  }
}
