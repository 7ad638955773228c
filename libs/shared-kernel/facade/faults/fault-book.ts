import type { Database } from '../../persistence/index.js';
import { wallClock } from '../../runtime/index.js';
import { Polling } from '../polling.js';
import type { Side } from '../stage.js';
import type { Fault, FaultKind } from './fault.js';
import type { StandingFault } from './faults.js';

const POLL_MS = 500;

/** What an operator asks for. */
export interface FaultWish extends Fault {
  /** How long; it ends by itself. */
  readonly seconds: number;
  readonly reason: string;
  /** The same wish sent twice is one. */
  readonly idempotencyKey: string;
}

/** A fault that was asked for, over or not. Rows are kept: they say what was done to the house, by whom and why. */
export interface FaultEntry {
  readonly id: number;
  readonly target: string;
  readonly kind: FaultKind;
  readonly delayMs: number;
  readonly percent: number;
  readonly side: Side | null;
  readonly reason: string;
  readonly actor: string;
  readonly at: Date;
  readonly endsAt: Date;
  readonly isOver: boolean;
}

const COLUMNS = 'id, target, kind, delay_ms AS "delayMs", percent, side, reason, actor, at, ends_at AS "endsAt", ends_at <= now() AS "isOver"';

/** The faults that operators have set, in the store that all processes share. */
export class FaultBook {
  private known: readonly StandingFault[] = [];
  private readonly polling = new Polling('The faults that operators have set', POLL_MS, () => this.read());

  constructor(private readonly database: Database) {}

  /** @throws DatabaseAway */
  async start(): Promise<void> {
    await this.read();
    this.polling.start();
  }

  async stop(): Promise<void> {
    await this.polling.stop();
  }

  /** Those that are set now; each ends by itself, also while the store is away. */
  readonly standing = (): readonly StandingFault[] => this.known;

  /** The latest first, those that are over among them. */
  async list(limit: number): Promise<FaultEntry[]> {
    return this.database.query<FaultEntry>(`SELECT ${COLUMNS} FROM fault ORDER BY id DESC LIMIT $1`, [limit]);
  }

  async add({ target, kind, delayMs, percent, side, seconds, reason, idempotencyKey }: FaultWish, actor: string): Promise<FaultEntry> {
    const [entry] = await this.database.query<FaultEntry>(
      `INSERT INTO fault (target, kind, delay_ms, percent, side, reason, actor, idempotency_key, ends_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, now() + $9 * interval '1 second')
       ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = excluded.idempotency_key RETURNING ${COLUMNS}`,
      [target, kind, delayMs, percent, side ?? null, reason, actor, idempotencyKey, seconds],
    );
    await this.polling.look();
    if (!entry) throw new Error('A fault was written and did not come back.');
    return entry;
  }

  /** Ends one before its time. @returns undefined when there is none of this id */
  async end(id: number): Promise<FaultEntry | undefined> {
    const [entry] = await this.database.query<FaultEntry>(`UPDATE fault SET ends_at = least(ends_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`, [id]);
    await this.polling.look();
    return entry;
  }

  private async read(): Promise<void> {
    const rows = await this.database.query<Fault & { readonly leftMs: number }>(
      `SELECT target, kind, delay_ms AS "delayMs", percent, side, (extract(epoch FROM ends_at - now()) * 1000)::float8 AS "leftMs" FROM fault WHERE ends_at > now() ORDER BY id`,
    );
    this.known = rows.map(({ leftMs, side, ...rest }) => ({ ...rest, side: side ?? undefined, endsAt: wallClock.ticks() + leftMs }));
  }
}
