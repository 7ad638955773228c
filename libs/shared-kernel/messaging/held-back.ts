import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { wallClock } from '../runtime/index.js';

const log = logger('messaging');

/** Who holds back cleaning: a session, a prepared transaction or a replication slot. */
interface Holder {
  readonly name: string;
  /** The oldest transaction whose traces must stay for it. */
  readonly xmin: string;
}

/**
 * Raises an alarm when one and the same transaction has kept this database from cleaning up for long, and names it.
 * The bus's own log stays fast (it has no dead rows), but every table with updates grows: inbox, sagas, the contexts' own.
 */
export class HeldBack {
  private since: { readonly holder: Holder; readonly at: number; isTold: boolean } | undefined;

  constructor(private readonly database: Database, private readonly longMs: number) {}

  /** Once in a while. @returns whom it has named now */
  async look(): Promise<string | undefined> {
    const [holder] = await this.database.query<Holder>(
      `SELECT name, xmin::text FROM (
         SELECT format('session %s (role %s, application "%s", from %s)', pid, usename, application_name, coalesce(client_addr::text, 'this machine')) AS name, backend_xmin AS xmin
         FROM pg_stat_activity WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()
         UNION ALL SELECT format('session %s (role %s, application "%s", from %s)', pid, usename, application_name, coalesce(client_addr::text, 'this machine')), backend_xid
         FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid() AND datname = current_database()
         UNION ALL SELECT format('prepared transaction "%s" (role %s)', gid, owner), transaction FROM pg_prepared_xacts WHERE database = current_database()
         UNION ALL SELECT format('replication slot "%s"', slot_name), coalesce(xmin, catalog_xmin) FROM pg_replication_slots WHERE xmin IS NOT NULL
       ) AS holder ORDER BY age(xmin) DESC, name LIMIT 1`,
    );
    if (!holder || this.since?.holder.name !== holder.name || this.since.holder.xmin !== holder.xmin) {
      this.since = holder && { holder, at: wallClock.ticks(), isTold: false };
      return undefined;
    }
    const heldMs = wallClock.ticks() - this.since.at;
    if (this.since.isTold || heldMs < this.longMs) return undefined;
    this.since.isTold = true;
    log.warn(
      { context: this.database.context, holder: holder.name, heldSeconds: Math.round(heldMs / 1_000) },
      `PostgreSQL cannot clean up: ${holder.name} has had a transaction open for ${Math.round(heldMs / 1_000)} s. Tables grow until it ends; end it with SELECT pg_terminate_backend(pid) if nobody needs it.`,
    );
    return holder.name;
  }
}
