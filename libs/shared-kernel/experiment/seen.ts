import { BanyanError } from '../contract/index.js';
import type { Seen } from './words.js';

/** What is no plain value cannot be kept as it was, nor handed to two implementations. */
export class NotCopyable extends Error {}

/** @throws NotCopyable */
export function copyOf<T>(value: T): T {
  try {
    return structuredClone(value);
  } catch (error) {
    throw Object.assign(new NotCopyable('Only plain values can be compared: no functions, no promises.'), { cause: error });
  }
}

/** An error as far as it is compared: catalogued ones and PostgreSQL's by their code, others by what they say. */
export function errorSeen(error: unknown): { readonly error: string } {
  if (error instanceof BanyanError) return { error: error.code };
  const { code, name, message } = Object(error) as { readonly code?: unknown; readonly name?: unknown; readonly message?: unknown };
  return { error: typeof code === 'string' ? code : `${String(name)}: ${String(message)}` };
}

/** A promise's end, to be looked at before it is passed on. */
export type Ended = { readonly is: 'answered'; readonly answer: unknown } | { readonly is: 'threw'; readonly error: unknown };

export async function ended(work: () => Promise<unknown>): Promise<Ended> {
  try {
    return { is: 'answered', answer: await work() };
  } catch (error) {
    return { is: 'threw', error };
  }
}

/** Ends the same way. */
export function asEnded(it: Ended): unknown {
  if (it.is === 'threw') throw it.error;
  return it.answer;
}

/** @throws NotCopyable */
export function seenOf(it: Ended): Seen {
  return it.is === 'threw' ? errorSeen(it.error) : { answer: copyOf(it.answer) };
}
