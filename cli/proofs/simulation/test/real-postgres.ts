import { kernelMigrations } from '@banyan/kernel/context';
import { provisionContext } from '@banyan/kernel/persistence';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, TypeOverrides } from 'pg';
import { houseContexts } from '../../house/contexts.js';
import { timeOfText } from '../statements/values.js';

const INT8 = 20;
const TIMESTAMPTZ = 1184;
/** No statement of a recording takes that long by itself, on however busy a machine. */
const PATIENCE_MS = 20_000;

/** How values arrive: bigints as numbers, instants as the caller wants them, no instant when it is infinite. */
function typesWith<T>(instant: (ms: number) => T): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(INT8, Number);
  types.setTypeParser(TIMESTAMPTZ, (text) => (text.endsWith('infinity') ? null : instant(timeOfText(text))));
  return types;
}

/** As the product's driver hands them out, and as they are kept: with microseconds. */
const asAnswered = typesWith((ms) => new Date(Math.floor(ms)));
const asKept = typesWith((ms) => ms);

/**
 * Functions that stand before PostgreSQL's own in the search path: its clock shows what the simulation's showed, and
 * transactions have the simulation's ids.
 * A sequence is seen by everybody at once, whatever transaction they are in.
 */
const CLOCK = `
  CREATE SCHEMA sim;
  CREATE SEQUENCE sim.micros MINVALUE 0;
  CREATE FUNCTION sim.at(micros bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$ SELECT timestamptz 'epoch' + micros * interval '1 microsecond' $$;
  CREATE FUNCTION sim.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$ SELECT sim.at(last_value) FROM sim.micros $$;
  CREATE FUNCTION sim.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT sim.at(current_setting('sim.began')::bigint) $$;
  CREATE FUNCTION sim.statement_timestamp() RETURNS timestamptz LANGUAGE sql STABLE AS $$ SELECT sim.at(current_setting('sim.sent')::bigint) $$;
  CREATE FUNCTION sim.pg_current_snapshot() RETURNS pg_snapshot LANGUAGE sql STABLE AS $$ SELECT current_setting('sim.snapshot')::pg_snapshot $$;
  CREATE FUNCTION sim.pg_current_xact_id() RETURNS xid8 LANGUAGE sql STABLE AS $$ SELECT current_setting('sim.id')::xid8 $$;
  CREATE FUNCTION sim.pg_control_system(OUT system_identifier bigint) LANGUAGE sql STABLE AS $$ SELECT 7::bigint $$;`;

/** A real PostgreSQL with the house's tables, whose clock is set by hand. */
export class RealPostgres {
  private readonly sessions = new Map<string, RealSession>();

  private constructor(private readonly url: string, readonly admin: Client) {}

  static async open(url: string): Promise<RealPostgres> {
    for (const { name } of houseContexts) await provisionContext({ adminUrl: url, name, migrations: [] });
    const admin = new Client({ connectionString: url, types: asKept });
    admin.on('error', () => undefined);
    await admin.connect();
    await admin.query(CLOCK);
    for (const { name, migrations } of houseContexts) {
      await admin.query(`SET search_path = ${name}, sim, pg_catalog; SET sim.began = '0'; SET sim.sent = '0'; SET sim.id = '3'; SET sim.snapshot = '3:3:'`);
      for (const { sql } of [...kernelMigrations, ...migrations]) await admin.query(sql);
    }
    return new RealPostgres(url, admin);
  }

  async setClock(micros: number): Promise<void> {
    await this.admin.query(`SELECT setval('sim.micros', $1)`, [micros]);
  }

  async session(name: string, schema: string): Promise<RealSession> {
    const known = this.sessions.get(name);
    if (known) return known;
    const session = await RealSession.open(this.url, schema, this.admin);
    this.sessions.set(name, session);
    return session;
  }

  /** Those that are open. */
  known(name: string): RealSession | undefined {
    return this.sessions.get(name);
  }

  async end(name: string): Promise<void> {
    await this.sessions.get(name)?.end();
    this.sessions.delete(name);
  }

  async close(): Promise<void> {
    for (const name of this.sessions.keys()) await this.end(name);
    await this.admin.end();
  }
}

export type RealAnswer = { readonly rows: readonly object[]; readonly command: string } | { readonly error: string };

/** One session on the real server. */
export class RealSession {
  /** Settles once, and never as an error. */
  private answer: Promise<RealAnswer> | undefined;
  private isAnswered = true;

  private constructor(private readonly client: Client, private readonly pid: number, private readonly admin: Client) {}

  static async open(url: string, schema: string, admin: Client): Promise<RealSession> {
    const client = new Client({ connectionString: url, types: asAnswered });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`SET search_path = ${schema}, sim, pg_catalog; SET timezone = 'UTC'; SET deadlock_timeout = '1h'`);
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return new RealSession(client, rows[0]?.pid ?? 0, admin);
  }

  async tell(began: number, sent: number, snapshot: string, id: number): Promise<void> {
    await this.client.query(
      `SELECT set_config('sim.began', $1, false), set_config('sim.sent', $2, false), set_config('sim.snapshot', $3, false), set_config('sim.id', $4, false)`,
      [String(began), String(sent), snapshot, String(id)],
    );
  }

  send(text: string, values: readonly unknown[]): void {
    this.isAnswered = false;
    this.answer = this.client.query(text, [...values]).then(
      (answer): RealAnswer => (Array.isArray(answer) ? { rows: [], command: 'several' } : { rows: answer.rows, command: answer.command }),
      (error: { code?: string }): RealAnswer => ({ error: error.code ?? 'connection lost' }),
    ).finally(() => { this.isAnswered = true; });
  }

  get hasAnswered(): boolean {
    return this.isAnswered;
  }

  /** The answer to what was sent last; undefined when `isLost` says that it will not come, or when nothing comes for long. */
  async awaited(isLost: () => boolean): Promise<RealAnswer | undefined> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    while (!this.isAnswered && performance.now() < giveUpAt) {
      if (isLost() && (await this.isWaiting())) return undefined;
      await sleep(1);
    }
    return this.isAnswered ? this.answer : undefined;
  }

  /** Resolves when it waits for a lock. False: it has answered instead. */
  async waits(): Promise<boolean> {
    while (!this.isAnswered) if (await this.isWaiting()) return true;
    return false;
  }

  private async isWaiting(): Promise<boolean> {
    const { rows } = await this.admin.query<{ waits: boolean }>(`SELECT wait_event_type = 'Lock' AS waits FROM pg_stat_activity WHERE pid = $1`, [this.pid]);
    return rows[0]?.waits === true;
  }

  async cancel(): Promise<void> {
    await this.admin.query('SELECT pg_cancel_backend($1)', [this.pid]);
  }

  /** As a lost connection ends a session; resolves when its locks are free. */
  async end(): Promise<void> {
    await this.admin.query('SELECT pg_terminate_backend($1, 5000)', [this.pid]);
    await this.client.end().catch(() => undefined);
  }
}
