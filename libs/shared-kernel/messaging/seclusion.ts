/** Lets works run side by side, and some of them alone: with no other one under way in this process. */
export class Seclusion {
  private running = 0;
  private isAlone = false;
  private readonly loners: Array<() => void> = [];
  private readonly others: Array<() => void> = [];

  async sideBySide<T>(work: () => Promise<T>): Promise<T> {
    while (this.isAlone || this.loners.length > 0) await new Promise<void>((resolve) => { this.others.push(resolve); });
    this.running += 1;
    try {
      return await work();
    } finally {
      this.running -= 1;
      this.next();
    }
  }

  /** Waits for those under way; who comes later waits for this one. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    while (this.isAlone || this.running > 0) await new Promise<void>((resolve) => { this.loners.push(resolve); });
    this.isAlone = true;
    try {
      return await work();
    } finally {
      this.isAlone = false;
      this.next();
    }
  }

  private next(): void {
    if (this.isAlone || this.running > 0) return;
    const loner = this.loners.shift();
    if (loner) loner();
    else for (const go of this.others.splice(0)) go();
  }
}
