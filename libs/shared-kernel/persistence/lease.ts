import type { Client, PoolClient, QueryResult } from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { DeadlineExceeded } from '../contract/index.js';
import { remainingMs } from '../runtime/index.js';
import type { StatementNames } from './statement-names.js';
import { isStalePlan } from './translate.js';

/** How long a statement may run unless the deadline is nearer; also set for the role, so that the server holds it too. */
export const STATEMENT_TIMEOUT_MS = 30_000;
/** How long one may wait for a free or new connection. */
export const CONNECT_TIMEOUT_MS = 5_000;

/** A connection out of the pool, for one user at a time until it is given back. */
export type Lease = Client & Pick<PoolClient, 'release'>;

/**
 * Takes a connection out of TypeORM's pool, waiting until the deadline or five seconds at most.
 * @throws DeadlineExceeded, or what the driver says when there is no connection
 */
export async function takeConnection(dataSource: DataSource): Promise<Lease> {
  const connecting: Promise<[Lease, unknown]> = (dataSource.driver as PostgresDriver).obtainMasterConnection();
  const [lease] = await beforeDeadline(connecting, CONNECT_TIMEOUT_MS, () => {
    connecting.then(([late]) => late.release(), () => undefined);
  });
  return lease;
}

/** Gives it back; it is closed when it is broken or inside of a transaction. */
export function giveBack(lease: Lease): void {
  lease.release(lease.getTransactionStatus() !== 'I');
}

/** Cuts the connection at once, whatever is under way on it; the server notices and cancels. */
export function cut(lease: Lease): void {
  lease.connection.stream.destroy();
}

/**
 * Sends one statement without waiting for those before it. With parameters it is prepared under a name and so planned
 * once per connection; without any it goes as it is.
 */
export async function send(lease: Lease, names: StatementNames, text: string, params: readonly unknown[]): Promise<QueryResult> {
  gather(lease);
  if (params.length === 0) return lease.query(text);
  const name = names.nameOf(text);
  try {
    return await lease.query({ text, values: [...params], ...(name === undefined ? {} : { name }) });
  } catch (error) {
    if (isStalePlan(error)) names.rename(text);
    throw error;
  }
}

/**
 * Lets all that is sent in one turn of the event loop leave in one write: a system call costs more than a statement
 * (pipelined inserts took 9 µs of this process each with a write for each, 6 µs with one for all).
 */
export function gather({ connection: { stream } }: Lease): void {
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/**
 * Waits for the work, but not beyond the input's deadline. `limitMs` is what bounds the work anyhow: where the deadline
 * is further away than that, nothing is watched.
 * @param abandon called when time ran out and nobody waits any more
 * @throws DeadlineExceeded
 */
export async function beforeDeadline<T>(work: Promise<T>, limitMs: number, abandon: () => void): Promise<T> {
  const left = remainingMs();
  if (left >= limitMs) return work;
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, fail) => {
    timer = setTimeout(() => {
      abandon();
      fail(new DeadlineExceeded('Time ran out while waiting for the database.'));
    }, Math.max(0, left));
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
