/** Gives the lanes back. */
export type GiveBack = () => void;

interface Waiter {
  readonly lanes: readonly number[];
  readonly go: (giveBack: GiveBack | undefined) => void;
}

/**
 * Keeps the parts of this process that work on lanes of one inbox out of each other's way, in the order in which they
 * come. Between processes the advisory locks of the database decide; those do not wait, these do.
 */
export class LaneLocks {
  private readonly held = new Set<number>();
  private readonly waiting = new Set<Waiter>();
  private holders = 0;

  /** @param most holders at the same time, whatever their lanes: each works on a connection of the pool and may need a second one */
  constructor(private readonly most: number) {}

  /** @returns what gives the lanes back; undefined when not all of them were free within that time */
  async acquire(lanes: readonly number[], withinMs: number): Promise<GiveBack | undefined> {
    const { promise, resolve } = Promise.withResolvers<GiveBack | undefined>();
    const waiter: Waiter = { lanes, go: resolve };
    this.waiting.add(waiter);
    this.letGo();
    if (!this.waiting.has(waiter)) return promise;
    const timer = setTimeout(() => {
      if (!this.waiting.delete(waiter)) return;
      resolve(undefined);
      this.letGo();
    }, withinMs);
    return promise.finally(() => clearTimeout(timer));
  }

  /** Whoever wants a lane that somebody before them waits for waits too, so that nobody is passed over for ever. */
  private letGo(): void {
    const taken = new Set(this.held);
    for (const waiter of this.waiting) {
      if (this.holders === this.most) return;
      if (waiter.lanes.some((it) => taken.has(it))) {
        for (const lane of waiter.lanes) taken.add(lane);
        continue;
      }
      this.waiting.delete(waiter);
      this.holders += 1;
      for (const lane of waiter.lanes) {
        this.held.add(lane);
        taken.add(lane);
      }
      waiter.go(() => {
        this.holders -= 1;
        for (const lane of waiter.lanes) this.held.delete(lane);
        this.letGo();
      });
    }
  }
}
