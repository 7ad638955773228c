import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { wallClock } from '../runtime/index.js';
import { HistoryIncomplete, RebuildRefused, RebuildUnderWay } from './errors.js';
import type { Lease } from './lease.js';
import { isLockTimeout } from './rotation.js';
import type { MessagingSettings } from './settings.js';
import type { History, Refill } from './transport.js';

const log = logger('messaging');

/** How often to look whether a process that died still counts as alive, in milliseconds. */
const LOOK_MS = 100;

/** What of a context follows from events alone. */
export interface ReadModel {
  readonly tables: readonly string[];
  /** Undefined: nobody wants it to be made anew. */
  readonly rebuild?: { readonly acceptsPartial: boolean };
}

interface Row {
  readonly token: string;
  readonly acceptsPartial: boolean;
  /** Is all that was handled since still remembered? */
  readonly isFresh: boolean;
}

/**
 * Makes a context's read model anew from the stream of past events.
 *
 * One transaction empties the read model, forgets which events are known and stores a row that says so. While the row
 * is there, only the process that holds the context's lease takes anything in, and only from the stream; each event
 * takes effect through the inbox, once and in order of its key, as always. A process that dies leaves the row: the next
 * one reads the stream from its beginning again, and the inbox skips what took effect before. Nothing is emptied twice,
 * so that what an event did to its process stays counted; only where the inbox may have forgotten, all begins anew.
 *
 * The row's token fences: who takes over changes it, and whoever reads the stream looks at it before every batch.
 */
export class Rebuild implements Refill {
  private is: 'none' | 'due' | 'reading' = 'none';
  private token = '';
  private left: Row | undefined;

  constructor(
    private readonly database: Database,
    private readonly lease: Pick<Lease, 'hold' | 'release'>,
    private readonly readModel: ReadModel,
    private readonly settings: Pick<MessagingSettings, 'leaseMs' | 'retentionMs' | 'rebuildLockMs'>,
  ) {}

  /** `due`: nothing was emptied by this process yet. */
  get state(): 'none' | 'due' | 'reading' {
    return this.is;
  }

  get isResumed(): boolean {
    return this.left !== undefined;
  }

  /** At the start of the process: is there anything to rebuild? */
  async look(): Promise<void> {
    this.left = await this.row();
    if (this.left || this.readModel.rebuild) this.is = 'due';
  }

  /** As `EventInbox.refill`. */
  async due(): Promise<Refill | undefined> {
    if (this.is !== 'none') return this;
    if (await this.row()) throw this.underWay();
    return undefined;
  }

  async begin({ lacks, isServed }: History): Promise<void> {
    if (this.is === 'reading') return;
    const acceptsPartial = this.readModel.rebuild?.acceptsPartial === true || this.left?.acceptsPartial === true;
    if (lacks !== undefined && !acceptsPartial) {
      throw new HistoryIncomplete(`The read model of "${this.context}" cannot be rebuilt as a whole: ${lacks} Nothing was changed. To do without that, start with REBUILD_PARTIAL=accept.`);
    }
    try {
      if (!(await this.isAlone()) || await isServed()) throw this.left ? this.underWay() : this.served();
      this.token = randomUUID();
      if (this.left?.isFresh === true) await this.takeOver();
      else await this.empty(acceptsPartial);
    } catch (error) {
      await this.lease.release();
      throw error;
    }
    this.is = 'reading';
    log.info({ context: this.context, resumed: this.isResumed, lacks }, 'The read model is being rebuilt from the event stream.');
  }

  async confirm(): Promise<void> {
    if ((await this.row())?.token !== this.token) throw this.underWay();
  }

  async end(): Promise<void> {
    const rows = await this.database.query('WITH gone AS (DELETE FROM rebuild WHERE token = $1 RETURNING token) SELECT FROM gone', [this.token]);
    if (rows.length === 0) throw this.underWay();
    this.is = 'none';
  }

  private get context(): string {
    return this.database.context;
  }

  private async row(): Promise<Row | undefined> {
    const [row] = await this.database.query<Row>(
      `SELECT token::text, accepts_partial AS "acceptsPartial", begun_at > clock_timestamp() - $1 * interval '1 millisecond' AS "isFresh" FROM rebuild`,
      // Half of it, for reading it all again takes time too.
      [this.settings.retentionMs / 2],
    );
    return row;
  }

  /** Every process with the context wants the lease, so whoever gets it is alone; the one of a dead process runs out. */
  private async isAlone(): Promise<boolean> {
    const end = wallClock.ticks() + this.settings.leaseMs + 10 * LOOK_MS;
    while (await this.lease.hold() === undefined) {
      if (wallClock.ticks() > end) return false;
      await sleep(LOOK_MS);
    }
    return true;
  }

  private async takeOver(): Promise<void> {
    await this.database.query('UPDATE rebuild SET token = $1', [this.token]);
  }

  private async empty(acceptsPartial: boolean): Promise<void> {
    const tables = [...this.readModel.tables.map((it) => `"${it}"`), 'inbox', 'inbox_handled'];
    const { rebuildLockMs } = this.settings;
    await this.database.transaction(async () => {
      await this.database.query(`SET LOCAL lock_timeout = ${rebuildLockMs}`);
      // What an unfinished rebuild left in the inbox is in the stream.
      if (!this.left) await this.requireFinished();
      await this.database.query(`TRUNCATE ${tables.join(', ')}`).catch((error: unknown) => {
        throw isLockTimeout(error) ? this.refused(`somebody has its tables in use for more than ${rebuildLockMs} ms. End that transaction`) : error;
      });
      await this.database.query(
        `INSERT INTO rebuild (token, accepts_partial) VALUES ($1, $2)
         ON CONFLICT (single) DO UPDATE SET token = excluded.token, accepts_partial = excluded.accepts_partial, begun_at = clock_timestamp()`,
        [this.token, acceptsPartial],
      );
    });
  }

  /** What is under way or parked would be forgotten together with what is known. */
  private async requireFinished(): Promise<void> {
    const [count] = await this.database.query<{ ready: number; parked: number }>(
      `SELECT count(*) FILTER (WHERE status <> 'parked')::integer AS ready, count(*) FILTER (WHERE status = 'parked')::integer AS parked
       FROM inbox WHERE status IN ('pending', 'waiting') OR status IN ('waiting', 'parked')`,
    );
    const { ready = 0, parked = 0 } = count ?? {};
    if (parked > 0) throw this.refused(`there are parked events in its inbox that wait for an operator: ${parked}. Start without REBUILD and redrive or discard them; see docs/guides/parked-messages.md`);
    if (ready > 0) throw this.refused(`there are events in its inbox that are not handled yet: ${ready}. Start without REBUILD until there are none`);
  }

  private served(): Error {
    return this.refused('another process serves it. Stop every process that has this context; after a crash, wait until RabbitMQ has noticed (half a minute)');
  }

  private refused(why: string): Error {
    return new RebuildRefused(`The read model of "${this.context}" cannot be rebuilt: ${why}. Nothing was changed.`);
  }

  private underWay(): Error {
    return new RebuildUnderWay(`Another process rebuilds the read model of "${this.context}"; until it has finished, nobody else may take in events for it. Start again then.`);
  }
}
