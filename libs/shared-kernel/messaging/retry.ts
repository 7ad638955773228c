import { createHash, randomInt } from 'node:crypto';
import { BanyanError } from '../contract/index.js';
import { ConflictRetry, isTransient } from '../persistence/index.js';

/**
 * The next delay in milliseconds: somewhere between the first and three times the previous one, so that delays grow
 * and failures that began together do not come back together ("decorrelated jitter").
 */
export function longerDelay(previousMs: number, firstMs: number, longestMs: number): number {
  const upTo = Math.max(previousMs, firstMs) * 3;
  return Math.min(longestMs, randomInt(firstMs, upTo + 1));
}

/** An event that nobody here can read, now or at the next try. */
export class Unreadable extends Error {}

/** The handler used up all of its time. It counts as its own failure: a dependency that is away says so sooner. */
export class OutOfTime extends Error {}

/**
 * Why handling an event ended without success.
 * unreadable: trying again changes nothing. conflict: another transaction was in the way. outage: something that the
 * handler needs is away. failed: the handler itself.
 */
export type Verdict = 'unreadable' | 'conflict' | 'outage' | 'failed';

/** Judges by the error and by what it was caused by, for handlers wrap what they catch. */
export function verdictOn(error: unknown): Verdict {
  if (error instanceof Unreadable) return 'unreadable';
  if (error instanceof OutOfTime) return 'failed';
  for (const cause of causesOf(error)) {
    if (cause instanceof ConflictRetry) return 'conflict';
    if (isTransient(cause) || (cause instanceof BanyanError && cause.definition.retryable)) return 'outage';
  }
  return 'failed';
}

/** Is it only what any statement says after another one of its transaction has failed? */
export function isAftermath(error: unknown): boolean {
  return causesOf(error).some((it) => it instanceof Error && 'code' in it && (it.code === '25P02' || it.code === '26000'));
}

/** One line for the operator, and a digest of the stack by which equal failures can be told from different ones. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return storable(String(error));
  const frames = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at ')).join('\n');
  const digest = createHash('sha256').update(frames).digest('hex').slice(0, 12);
  return `${error.name}: ${storable(error.message)} [stack ${digest}]`;
}

/** PostgreSQL's texts cannot hold a NUL. */
function storable(text: string): string {
  return text.slice(0, 500).replaceAll('\0', '');
}

/** The error and what it was caused by, outermost first. */
export function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let it = error; it !== undefined && it !== null && chain.length < 10; it = it instanceof Error ? it.cause : undefined) chain.push(it);
  return chain;
}
