/** Lets loops sleep until somebody rings, the time is up or it is closed. A ring while nobody sleeps is kept, once. */
export class Bell {
  private rung = false;
  private over = false;
  private readonly light = new Set<() => void>();
  private readonly deep = new Set<() => void>();

  get closed(): boolean {
    return this.over;
  }

  ring(): void {
    if (this.light.size === 0) this.rung = true;
    for (const wake of this.light) wake();
  }

  /** Ends every sleep, now and from now on. */
  close(): void {
    this.over = true;
    for (const wake of [...this.light, ...this.deep]) wake();
  }

  /** Sleeps until a ring, at most so many milliseconds. */
  async wait(ms: number): Promise<void> {
    if (this.rung) this.rung = false;
    else await this.sleep(ms, this.light);
  }

  /** Sleeps so many milliseconds, rings or not. */
  async pause(ms: number): Promise<void> {
    await this.sleep(ms, this.deep);
  }

  private async sleep(ms: number, sleepers: Set<() => void>): Promise<void> {
    if (this.over) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    sleepers.add(resolve);
    await promise;
    clearTimeout(timer);
    sleepers.delete(resolve);
  }
}
