import { logger } from '../observability/index.js';

const log = logger('facade');

/** Reads again and again what all processes share. While the store is away, what was known stays known. */
export class Polling {
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isLooking = false;
  private isAway = false;

  /** @param what is read, as the log names it: "The stages of contexts" */
  constructor(private readonly what: string, private readonly everyMs: number, private readonly read: () => Promise<void>) {}

  /** From now on; whoever cannot do without a first reading makes it before. */
  start(): void {
    this.timer = setInterval(() => { if (!this.isLooking) void this.look(); }, this.everyMs);
    this.timer.unref();
  }

  /** Waits for a look under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Looks now rather than at the next poll; one look at a time, or a slow one would bring back what is over. */
  look(): Promise<void> {
    this.looking = this.looking.then(() => this.lookOnce());
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    this.isLooking = true;
    try {
      await this.read();
      if (this.isAway) log.info({}, `${this.what} can be read again.`);
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) log.warn({ err: error }, `${this.what} cannot be read; what was known goes on.`);
      this.isAway = true;
    }
    this.isLooking = false;
  }
}
