/** Ends a stay; more than once is the same as once. */
export type Leave = () => void;

/** Lets works run side by side, and some of them alone: with no other one under way in this process. */
export class Seclusion {
  private running = 0;
  private isAlone = false;
  private readonly loners: Array<() => void> = [];
  private readonly others: Array<() => void> = [];

  async sideBySide(): Promise<Leave> {
    while (this.isAlone || this.loners.length > 0) await new Promise<void>((resolve) => { this.others.push(resolve); });
    this.running += 1;
    return this.once(() => { this.running -= 1; });
  }

  /** Waits for those under way; who comes later waits for this one. */
  async alone(): Promise<Leave> {
    while (this.isAlone || this.running > 0) await new Promise<void>((resolve) => { this.loners.push(resolve); });
    this.isAlone = true;
    return this.once(() => { this.isAlone = false; });
  }

  private once(leave: () => void): Leave {
    let hasLeft = false;
    return () => {
      if (hasLeft) return;
      hasLeft = true;
      leave();
      this.next();
    };
  }

  private next(): void {
    if (this.isAlone || this.running > 0) return;
    const loner = this.loners.shift();
    if (loner) loner();
    else for (const go of this.others.splice(0)) go();
  }
}
