import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { logger } from '../../observability/index.js';
import { wallClock } from '../../runtime/index.js';
import { codeOf, messageOf } from '../error-parts.js';
import { EmbeddedDatabaseUnavailable } from '../errors.js';
import { addressOf } from './address.js';
import { type DataFolder, openDataFolder, readConnection } from './data-folder.js';
import { ensureServer, shutDownServer } from './server.js';

const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 5_000;
const LOST_AFTER_ATTEMPTS = 5;
const ALONE_PATIENCE_MS = 2_000;
const KEEPER = 'banyan keeper';
const log = logger('persistence');

export interface EmbeddedDatabaseOptions {
  /** The folder that keeps all data of this installation; PostgreSQL lives in `postgres` below it. */
  readonly dataDir: string;
  /** False for tests only: a crash of the machine then loses data. */
  readonly durable?: boolean;
  /** How long to wait after the first try to bring a lost PostgreSQL back, in milliseconds; each further wait is twice as long, up to 5 s. 200 when left out. */
  readonly retryMs?: number;
}

export interface EmbeddedDatabase {
  /** With the superuser's name and password; it stays the same for as long as this process lives. */
  readonly url: string;
  /** Shuts PostgreSQL down and leaves no process behind, unless other processes still use it. Close your own connections first. */
  stop(): Promise<void>;
  /** Called once per outage in which several attempts to bring PostgreSQL back have failed; the attempts go on. */
  onLost(callback: (reason: Error) => void): void;
}

/**
 * Starts a real PostgreSQL under `<dataDir>/postgres` on a free port of 127.0.0.1, or takes the one that runs there
 * already: it outlives its app on purpose, so that a killed app finds it again.
 *
 * The process holds one idle connection, the keeper. It shows other processes that this one uses the server, and its
 * end shows this one that the server is gone: every process then tries to start it on the same port, PostgreSQL's lock
 * file lets one of them win, and crash recovery does the rest.
 * @throws DatabaseFolderUnusable, EmbeddedDatabaseUnavailable
 */
export async function startEmbeddedDatabase({ dataDir, durable = true, retryMs = FIRST_DELAY_MS }: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
  const folder = await openDataFolder(resolve(dataDir), durable);
  const port = await ensureServer(folder, { durable });
  const { password } = await readConnection(folder);
  const database = new Keeper(folder, port, `postgres://banyan:${password}@${addressOf(folder.cluster, port)}/postgres?sslmode=disable`, { durable, retryMs });
  await database.watch();
  return database;
}

class Keeper implements EmbeddedDatabase {
  private readonly listeners: Array<(reason: Error) => void> = [];
  private readonly stopping = new AbortController();
  private connection: Client | undefined;
  private repair: Promise<void> = Promise.resolve();
  private stopped: Promise<void> | undefined;

  constructor(private readonly folder: DataFolder, private readonly port: number, readonly url: string, private readonly settings: { readonly durable: boolean; readonly retryMs: number }) {}

  onLost(callback: (reason: Error) => void): void {
    this.listeners.push(callback);
  }

  stop(): Promise<void> {
    this.stopped ??= this.shutDown();
    return this.stopped;
  }

  /** Opens the keeper connection; when it ends, brings the server back. */
  async watch(): Promise<void> {
    const connection = new Client({ connectionString: this.url, application_name: `${KEEPER} ${process.pid}`, keepAlive: true, connectionTimeoutMillis: 10_000 });
    connection.on('error', () => undefined); // 'end' follows
    await connection.connect();
    await this.checkFolder(connection);
    this.connection = connection;
    connection.once('end', () => { this.repair = this.bringBack(); });
  }

  /** A server that merely listens on our port is not ours. */
  private async checkFolder(connection: Client): Promise<void> {
    const { rows } = await connection.query<{ data_directory: string }>('show data_directory');
    if (rows[0]?.data_directory === this.folder.cluster) return;
    await connection.end();
    throw new EmbeddedDatabaseUnavailable(`Another PostgreSQL answers on port ${this.port} of 127.0.0.1, not the one on ${this.folder.cluster}. Restart this app.`);
  }

  private async bringBack(): Promise<void> {
    if (this.stopping.signal.aborted) return;
    const goneAt = wallClock.ticks();
    log.warn({}, 'PostgreSQL is gone; bringing it back.');
    for (let attempt = 1; !this.stopping.signal.aborted; attempt += 1) {
      const failure = await this.tryToRestart();
      const away = Math.round(wallClock.ticks() - goneAt);
      if (!failure) return log.info({}, `PostgreSQL is back after ${away} ms.`);
      log.debug({ err: failure }, `PostgreSQL is not back yet after ${away} ms.`);
      if (attempt === LOST_AFTER_ATTEMPTS) this.tell(failure);
      await sleep(Math.min(this.settings.retryMs * 2 ** (attempt - 1), LONGEST_DELAY_MS), undefined, { signal: this.stopping.signal, ref: false }).catch(() => undefined);
    }
  }

  private tell(failure: Error): void {
    log.error({ err: failure }, 'PostgreSQL could not be brought back; trying on.');
    for (const listener of this.listeners) listener(failure);
  }

  private async tryToRestart(): Promise<Error | undefined> {
    try {
      const port = await ensureServer(this.folder, { durable: this.settings.durable, fixedPort: this.port });
      if (port !== this.port) throw new EmbeddedDatabaseUnavailable(`Another process has started it on port ${port}, and this app's connections go to ${this.port}. Restart this app.`);
      await this.watch();
      return undefined;
    } catch (error) {
      return error instanceof Error ? error : new Error(messageOf(error));
    }
  }

  private async shutDown(): Promise<void> {
    this.stopping.abort();
    await this.repair;
    await this.connection?.end().catch(() => undefined);
    const others = await this.othersAfterAWhile();
    if (others.length > 0) return log.info({ others }, `PostgreSQL goes on for others that are connected to it: ${others.join(', ')}.`);
    await shutDownServer(this.folder.cluster);
  }

  /** Backends of closed connections take a moment to end, so being alone is waited for. */
  private async othersAfterAWhile(): Promise<string[]> {
    const probe = new Client({ connectionString: this.url, application_name: 'banyan probe', connectionTimeoutMillis: 10_000 });
    probe.on('error', () => undefined);
    try {
      await probe.connect();
      const giveUpAt = wallClock.ticks() + ALONE_PATIENCE_MS;
      for (;;) {
        const { rows } = await probe.query<{ name: string }>(
          `select distinct coalesce(nullif(application_name, ''), usename) as name from pg_stat_activity
           where backend_type in ('client backend', 'walsender') and pid <> pg_backend_pid() order by name`,
        );
        const isDecided = rows.length === 0 || rows.some(({ name }) => name.startsWith(KEEPER));
        if (isDecided || wallClock.ticks() > giveUpAt) return rows.map(({ name }) => name);
        await sleep(20);
      }
    } catch (error) {
      return codeOf(error) === 'ECONNREFUSED' ? [] : [`somebody, perhaps: it cannot be asked (${messageOf(error)})`];
    } finally {
      await probe.end().catch(() => undefined);
    }
  }
}
