import { QueryFailedError } from 'typeorm';
import { BanyanError, DeadlineExceeded, MaybeExecuted } from '../contract/index.js';
import { remainingMs } from '../runtime/index.js';
import { codeOf, messageOf } from './error-parts.js';
import { ConflictRetry, DatabaseAway } from './errors.js';

/** Shutdown, crash recovery and session timeouts end the connection; 08 is its loss, 53 a server out of means. */
const AWAY_STATES = /^(?:57P0\d|25P0[345]|08\w{3}|53\w{3})$/;
const CONFLICT_STATES = new Set(['40001', '40P01', '55P03']);
const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED']);
/** pg and its pool give these no code. */
const CONNECTION_TEXTS = /^(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Cannot use a pool after|Driver not Connected)/;

/** SQLSTATE of an error that PostgreSQL sent, however TypeORM wrapped it. */
export function sqlState(error: unknown): string | undefined {
  const code = codeOf(unwrapped(error));
  return code !== undefined && /^[0-9A-Z]{5}$/.test(code) && !NETWORK_CODES.has(code) ? code : undefined;
}

/** Did the connection, or the server behind it, go away? */
export function isConnectionLoss(error: unknown): boolean {
  const driverError = unwrapped(error);
  const code = codeOf(driverError);
  if (code !== undefined) return NETWORK_CODES.has(code) || AWAY_STATES.test(code);
  return CONNECTION_TEXTS.test(messageOf(driverError));
}

/** After a migration a prepared `select *` has other columns than when it was prepared. */
export function isStalePlan(error: unknown): boolean {
  return sqlState(error) === '0A000' && /cached plan/.test(messageOf(error));
}

/**
 * Is it the database that failed, and may the same work succeed when it is run again? True for what `Database` throws
 * as DatabaseAway and ConflictRetry, and for the driver's errors behind them.
 */
export function isTransient(error: unknown): boolean {
  const state = sqlState(error);
  return error instanceof DatabaseAway || error instanceof ConflictRetry
    || isConnectionLoss(error) || isStalePlan(error) || (state !== undefined && CONFLICT_STATES.has(state));
}

/** The catalogued error behind a database failure; what has none passes as it is. The original is the `cause`. */
export function translate(context: string, error: unknown): unknown {
  if (error instanceof BanyanError) return error;
  const translated = catalogued(context, error);
  if (!translated) return unwrapped(error);
  translated.cause = unwrapped(error);
  return translated;
}

/** The error for a write whose answer never came. */
export function unknownOutcome(context: string, cause: unknown): BanyanError {
  const error = new MaybeExecuted(`The connection to the database of ${context} was lost over a write: it may have been stored.`, { context });
  error.cause = cause;
  return error;
}

/** The error for a database that is gone, with nothing stored. */
export function databaseAway(context: string): BanyanError {
  return new DatabaseAway(`The database of ${context} cannot be reached at the moment.`, { context });
}

function catalogued(context: string, error: unknown): BanyanError | undefined {
  const state = sqlState(error);
  if (isConnectionLoss(error)) return databaseAway(context);
  if (state !== undefined && CONFLICT_STATES.has(state) || isStalePlan(error)) {
    return new ConflictRetry(`Another request of ${context} changed or held the same data at the same time.`, { context });
  }
  if (state === '57014' && remainingMs() !== Infinity) {
    return new DeadlineExceeded(`Time ran out while the database of ${context} was working.`, { context });
  }
  return undefined;
}

function unwrapped(error: unknown): unknown {
  return error instanceof QueryFailedError ? error.driverError : error;
}
