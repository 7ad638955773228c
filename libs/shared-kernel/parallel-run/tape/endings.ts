import { AsyncLocalStorage } from 'node:async_hooks';
import { logger } from '../../observability/index.js';
import type { Database } from '../../persistence/index.js';
import type { TapedEnd } from './entry.js';
import { storeEndings } from './tape-store.js';

/** How long an ending waits for company, in milliseconds, how many wait at most, and how many share a row. */
const [FLUSH_MS, MOST_WAITING, BATCH] = [500, 5_000, 500];

const outsideOfAnyInput = AsyncLocalStorage.snapshot();
const log = logger('parallel-run');

/**
 * Endings of inputs on their way to the tape, outside of anybody's request: some at once, in one row. When there are more
 * than can be written they are dropped and counted; what was committed is on the tape without them.
 */
export class Endings {
  private waiting: TapedEnd[] = [];
  private dropped = 0;
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();

  /** @param flushMs how long an ending waits for company */
  constructor(private readonly database: Database, private readonly flushMs = FLUSH_MS) {}

  add(end: TapedEnd): void {
    if (this.waiting.length >= MOST_WAITING) {
      this.dropped += 1;
      return;
    }
    this.waiting.push(end);
    this.timer ??= outsideOfAnyInput(() => setTimeout(() => void this.flush(), this.flushMs).unref());
  }

  /** Writes down all that is waiting. Never throws. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing = outsideOfAnyInput(() => this.writing.then(() => this.write()));
    return this.writing;
  }

  private async write(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0, BATCH);
      const { dropped } = this;
      try {
        await storeEndings(this.database, batch, dropped);
        this.dropped -= dropped;
      } catch (error) {
        this.dropped += batch.length;
        log.warn({ context: this.database.context, err: error, count: batch.length }, 'How some inputs ended could not be written down. They go uncompared, as far as that goes; nobody else notices.');
      }
    }
  }
}
