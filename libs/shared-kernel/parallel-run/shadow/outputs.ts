import type { ObservedTransaction, Outputs } from '../../comparison/index.js';
import type { TapedEnd, TapedInput } from '../tape/entry.js';
import type { Original, Performance } from './performance.js';

/** Of an input that did nothing. */
export const NOTHING: Outputs = { response: undefined, transactions: [], calls: [] };

/** By what findings and coverage name an input: its endpoint, command or event. */
export function endpointOf(input: TapedInput): string {
  return input.occasion.name;
}

/** How it ended, in a word: the status of an answer, the code of a refusal, the `is` of a value that has one. */
export function outcomeOf(ending: TapedEnd['ending']): string {
  switch (ending.is) {
    case 'http': return String(ending.status);
    case 'refused': return ending.code;
    case 'returned': {
      const { value } = ending;
      return typeof value === 'object' && value !== null && 'is' in value && typeof value.is === 'string' ? value.is : 'done';
    }
  }
}

/** What both sides asked. */
export function questionsOf({ calls, asked }: Performance): [primary: Outputs, candidate: Outputs] {
  return [
    { ...NOTHING, calls: calls.toSorted((a, b) => (a.nth ?? 0) - (b.nth ?? 0)).map(({ name, input }) => ({ name, input })) },
    { ...NOTHING, calls: asked.map(({ name, input }) => ({ name, input })) },
  ];
}

/** What is left to be compared when all transactions were: how both sides ended, and what they asked. */
export function outputsOf(performance: Performance, end: TapedEnd): [primary: Outputs, candidate: Outputs] {
  const [primary, candidate] = questionsOf(performance);
  return [{ ...primary, response: end.ending }, { ...candidate, response: performance.ending ?? { is: 'refused', code: 'no-answer', message: 'It did not answer.' } }];
}

/** That a table was emptied as a whole is no row; nobody but a rebuild does that. */
export function observed({ rows, events }: Pick<Original, 'rows' | 'events'>): ObservedTransaction {
  return { rows: rows.flatMap(({ change, ...rest }) => (change === 'truncated' ? [] : [{ ...rest, change }])), events };
}

/** What a server says of itself rather than of an input: nobody who does the input again elsewhere comes to it. */
const CIRCUMSTANCES: ReadonlySet<string> = new Set(['deadline-exceeded', 'database-away', 'conflict-retry', 'maybe-executed']);

/**
 * Did the original give up for want of time, or of its database? Then it says nothing of what the input does; what it
 * has committed, before or after it said so, is on its transactions.
 */
export function cutShort({ ending }: Pick<TapedEnd, 'ending'>): boolean {
  if (ending.is === 'returned') return false;
  if (ending.is === 'refused') return CIRCUMSTANCES.has(ending.code);
  const { status, body } = ending;
  return status === 504 || (status === 503 && typeof body === 'object' && body !== null && 'code' in body && CIRCUMSTANCES.has(String(body.code)));
}
