import { purgeIdempotencyKeys } from '../http/index.js';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { purgeCommandLog } from '../rpc/index.js';

const HOUR_MS = 3_600_000;
const log = logger('housekeeping');

/**
 * Forgets what contexts no longer need to remember: stored answers and handled commands beyond their retention.
 * Every process does it once an hour; rows that another one is deleting are skipped.
 */
export class Housekeeping {
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();

  constructor(private readonly databases: readonly Database[]) {}

  start(): void {
    this.timer = setInterval(() => { this.underWay = this.tidyAll(); }, HOUR_MS);
    this.timer.unref();
  }

  /** Waits for a round under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.underWay;
  }

  /** One round through all contexts; a context whose database is away is left for the next round. */
  async tidyAll(): Promise<void> {
    for (const database of this.databases) {
      try {
        const [answers, commands] = [await purgeIdempotencyKeys(database), await purgeCommandLog(database)];
        if (answers + commands > 0) log.info({ context: database.context, answers, commands }, 'Forgot what is older than its retention.');
      } catch (error) {
        log.warn({ context: database.context, err: error }, 'Housekeeping did not come through; the next round tries again.');
      }
    }
  }
}
