import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { Bell } from './bell.js';
import { longerDelay } from './retry.js';
import type { MessagingSettings } from './settings.js';

const log = logger('messaging');
const BATCH = 1_000;

/**
 * Forgets handled and discarded events after the retention, rarely and in small batches. Several processes may do it
 * at once: each skips the rows that another one has locked. Stopped in the middle, the rest is done next time.
 */
export class Purge {
  private readonly bell = new Bell();
  private running: Promise<void> | undefined;

  constructor(private readonly database: Database, private readonly settings: Pick<MessagingSettings, 'retentionMs' | 'purgeEveryMs'>) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.bell.close();
    await this.running;
  }

  private async run(): Promise<void> {
    const { purgeEveryMs } = this.settings;
    for (;;) {
      // Jitter: contexts and processes that start together should not purge together.
      await this.bell.pause(longerDelay(0, Math.ceil(purgeEveryMs / 3), purgeEveryMs));
      if (this.bell.closed) return;
      await this.purge().catch((error: unknown) => log.warn({ context: this.database.context, err: error }, 'Old inbox rows could not be purged; the next round does it.'));
    }
  }

  private async purge(): Promise<void> {
    let purged = BATCH;
    while (purged === BATCH && !this.bell.closed) purged = await this.purgeBatch();
  }

  /** Found through the block ranges of inbox_received, deleted by primary key. */
  private async purgeBatch(): Promise<number> {
    const rows = await this.database.query<{ purged: number }>(
      `WITH purged AS (
         DELETE FROM inbox WHERE event_id IN (
           SELECT event_id FROM inbox
           WHERE received_at < clock_timestamp() - $1 * interval '1 millisecond' AND handled_at < clock_timestamp() - $1 * interval '1 millisecond'
             AND status IN ('done', 'discarded')
           LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
         RETURNING event_id
       ) SELECT count(*)::integer AS purged FROM purged`,
      [this.settings.retentionMs],
    );
    return rows[0]?.purged ?? 0;
  }
}
