import { randomUUID } from 'node:crypto';
import type { Database } from '../../persistence/index.js';
import type { Waiver } from '../verdict/waivers.js';

/** What somebody asks for. */
export interface WaiverWish extends Waiver {
  readonly context: string;
  /** The same wish sent twice is one. */
  readonly idempotencyKey: string;
}

/** A waiver, in force or not. Rows are kept: they say who let what pass, when and why. */
export interface WaiverEntry {
  readonly id: string;
  readonly context: string;
  /** Everywhere, when null. */
  readonly endpoint: string | null;
  readonly field: string;
  readonly owner: string;
  readonly reason: string;
  /** Who gave it. */
  readonly actor: string;
  readonly at: Date;
  readonly expiresAt: Date;
  /** Before its time. */
  readonly endedAt: Date | null;
  readonly endedBy: string | null;
  readonly isInForce: boolean;
}

const COLUMNS = `id, context, endpoint, field, owner, reason, actor, at, expires_at AS "expiresAt", ended_at AS "endedAt", ended_by AS "endedBy",
  ended_at IS NULL AND expires_at > now() AS "isInForce"`;

/** Who answers for which difference, and until when. */
export class WaiverBook {
  constructor(private readonly database: Database) {}

  /** The latest first, those that are over among them. Served by waiver_of_context. @param before the entry before which the page begins */
  async list({ context, limit, before }: { readonly context?: string | undefined; readonly limit: number; readonly before?: { readonly at: string; readonly id: string } | undefined }): Promise<WaiverEntry[]> {
    return this.database.query<WaiverEntry>(
      `SELECT ${COLUMNS} FROM waiver WHERE ($1::text IS NULL OR context = $1) AND ($2::timestamptz IS NULL OR (date_trunc('milliseconds', at), id) < ($2, $3::uuid))
        ORDER BY date_trunc('milliseconds', at) DESC, id DESC LIMIT $4`,
      [context ?? null, before?.at ?? null, before?.id ?? null, limit],
    );
  }

  /** Those in force. Served by waiver_of_context. */
  async inForce(context: string): Promise<WaiverEntry[]> {
    return this.database.query<WaiverEntry>(`SELECT ${COLUMNS} FROM waiver WHERE context = $1 AND ended_at IS NULL AND expires_at > now() ORDER BY at`, [context]);
  }

  async add({ context, endpoint, field, owner, reason, expires, idempotencyKey }: WaiverWish, actor: string): Promise<WaiverEntry> {
    const [entry] = await this.database.query<WaiverEntry>(
      `INSERT INTO waiver (id, context, endpoint, field, owner, reason, actor, expires_at, idempotency_key) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (idempotency_key) DO UPDATE SET idempotency_key = excluded.idempotency_key RETURNING ${COLUMNS}`,
      [randomUUID(), context, endpoint ?? null, field, owner, reason, actor, expires, idempotencyKey],
    );
    if (!entry) throw new Error('A waiver was written and did not come back.');
    return entry;
  }

  /** Ends one before its time; one that is over stays as it is. @returns undefined when there is none of this id */
  async end(id: string, actor: string): Promise<WaiverEntry | undefined> {
    const [entry] = await this.database.query<WaiverEntry>(
      `UPDATE waiver SET ended_at = coalesce(ended_at, now()), ended_by = coalesce(ended_by, $2) WHERE id = $1 RETURNING ${COLUMNS}`, [id, actor]);
    return entry;
  }
}

/** As it is judged by. */
export function waiverOf({ endpoint, field, owner, reason, expiresAt }: WaiverEntry): Waiver {
  return { field, owner, reason, expires: expiresAt.toISOString(), ...(endpoint !== null && { endpoint }) };
}
