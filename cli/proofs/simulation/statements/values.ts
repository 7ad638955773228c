import type { Twin } from '../postgres/book.js';
import type { Statement, Waits } from '../postgres/statement.js';

/** A twin of a statement that never waits. */
export function atOnce(name: string, text: RegExp, run: (statement: Statement, params: readonly unknown[]) => readonly object[]): Twin {
  // oxlint-disable-next-line require-yield -- it never waits, which is the point
  return { name, text, *run(statement, params): Waits<readonly object[]> { return run(statement, params); } };
}

/** A timestamptz as PostgreSQL's text: UTC, up to six digits of a second. */
export function timeText(ms: number): string {
  const micros = Math.round(ms * 1_000);
  const [seconds = ''] = new Date(Math.floor(micros / 1_000)).toISOString().replace('T', ' ').split('.');
  const fraction = String(((micros % 1_000_000) + 1_000_000) % 1_000_000).padStart(6, '0').replace(/0+$/, '');
  return `${seconds}${fraction ? `.${fraction}` : ''}+00`;
}

/** Reads that text, and ISO 8601. */
export function timeOfText(text: string): number {
  const [, seconds = '', fraction = ''] = /^(.{19})(?:\.(\d+))?/.exec(text) ?? [];
  return new Date(`${seconds.replace(' ', 'T')}Z`).getTime() + Number(fraction.padEnd(6, '0')) / 1_000;
}

/** A timestamptz as the driver hands it out. */
export function dateOf(ms: unknown): Date | null {
  return typeof ms === 'number' ? new Date(Math.floor(ms)) : null;
}

/** A jsonb value as the driver hands it out: a copy of its own. */
export function jsonOf(text: unknown): unknown {
  return typeof text === 'string' ? JSON.parse(text) : null;
}

export const text = (value: unknown): string => String(value);
export const list = <T = unknown>(value: unknown): T[] => value as T[];
export const number = (value: unknown): number => Number(value);
