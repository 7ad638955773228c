/** A sleeper that can be woken. Ringing while nobody sleeps is not lost: the next sleep is over at once. */
export class Alarm {
  private hasRung = false;
  private wakeUp: (() => void) | undefined;

  ring(): void {
    this.hasRung = true;
    this.wakeUp?.();
  }

  /** Sleeps for so many milliseconds, or until it rings. */
  async sleep(ms: number): Promise<void> {
    if (!this.hasRung) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wakeUp = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.wakeUp = undefined;
    this.hasRung = false;
  }
}
