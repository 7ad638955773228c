import { BanyanError } from '../contract/index.js';
import type { Refusal } from './step.js';

/**
 * A catalogued no, or undefined when it is only unknown what happened and the same step must be tried again: errors that
 * may pass, outages, timeouts, defects of the callee.
 */
export function refusalIn(error: unknown): Refusal | undefined {
  if (!(error instanceof BanyanError)) return undefined;
  const { retryable, http, code } = error.definition;
  return retryable || http >= 500 ? undefined : { code, message: error.message };
}

/** One line for the table and the log: the code and message of a catalogued error, the name and text of any other. */
export function describe(error: unknown): string {
  const text = error instanceof BanyanError ? `${error.code}: ${error.message}` : String(error);
  return text.replaceAll('\0', '').slice(0, 500);
}
