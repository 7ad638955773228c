import type { ClientBase } from 'pg';
import { DataSource, type DataSourceOptions } from 'typeorm';
import { logger } from '../observability/index.js';
import { columnTypes } from './column-types.js';
import { Database } from './database.js';
import { messageOf } from './error-parts.js';
import { CONNECT_TIMEOUT_MS } from './lease.js';
import { translate } from './translate.js';

const DEFAULT_POOL_SIZE = 10;
const IDLE_TIMEOUT_MS = 60_000;
/** How often the first connection is tried before the database counts as away. */
const FIRST_TRIES = 3;
const log = logger('persistence');

export interface DatabaseOptions {
  readonly context: string;
  /** As `provisionContext` returns it: with the context's own role. */
  readonly url: string;
  readonly entities?: NonNullable<DataSourceOptions['entities']>;
  /** Connections at most; 10 unless told. */
  readonly poolSize?: number;
  /** What the connections are called in pg_stat_activity. */
  readonly applicationName: string;
}

/**
 * Opens the pool of one context. A process that starts is busy with itself, and may not have listened when the database
 * answered: only who gets no answer several times is told that there is none.
 * @throws DatabaseAway when the first connection fails
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  for (let tries = 1; ; tries += 1) {
    const dataSource = dataSourceOf(options);
    try {
      await dataSource.initialize();
      return new Database(options.context, dataSource);
    } catch (error) {
      if (tries === FIRST_TRIES || !isTimeout(error)) throw translate(options.context, error);
      log.info({ context: options.context, err: error }, 'The database has not answered in time; it is tried again.');
    }
  }
}

function dataSourceOf({ context, url, entities = [], poolSize = DEFAULT_POOL_SIZE, applicationName }: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres', url, schema: context, entities, poolSize, applicationName,
    synchronize: false, logging: false, installExtensions: false,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    // pipeline: statements are sent without waiting for the answers to those before them.
    extra: { types: columnTypes, keepAlive: true, idleTimeoutMillis: IDLE_TIMEOUT_MS, onConnect: neverUnheard, pipeline: true },
    // The pool has thrown the connection away by then; whoever needs the database hears of it by himself.
    poolErrorHandler: (error: unknown) => log.debug({ err: error, context }, 'An idle connection was lost.'),
  });
}

/** The pool has no code for it. */
function isTimeout(error: unknown): boolean {
  return messageOf(error).includes('connection timeout');
}

/**
 * Between the moment the pool hands out a new connection and the one in which TypeORM listens to it, nobody hears its
 * errors, and an unheard error ends the process. Who uses the connection learns of the loss from the statement.
 */
function neverUnheard(client: ClientBase): void {
  client.on('error', () => undefined);
}
