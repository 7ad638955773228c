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

/** What is left to be compared when all transactions were: how both sides ended, and what they asked. */
export function outputsOf(performance: Performance, end: TapedEnd): [primary: Outputs, candidate: Outputs] {
  return [
    { ...NOTHING, response: end.ending, calls: performance.calls.map(({ name, input }) => ({ name, input })) },
    { ...NOTHING, response: performance.ending ?? { is: 'refused', code: 'no-answer', message: 'It did not answer.' }, calls: performance.asked.map(({ name, input }) => ({ name, input })) },
  ];
}

/** That a table was emptied as a whole is no row; nobody but a rebuild does that. */
export function observed({ rows, events }: Pick<Original, 'rows' | 'events'>): ObservedTransaction {
  return { rows: rows.flatMap(({ change, ...rest }) => (change === 'truncated' ? [] : [{ ...rest, change }])), events };
}

/** Whoever waited for the answer was told that there was no time left; what the input did after that is on its transactions. */
export function cutShort({ ending }: TapedEnd): boolean {
  if (ending.is === 'http') return ending.status === 504;
  return ending.is === 'refused' && ending.code === 'deadline-exceeded';
}
