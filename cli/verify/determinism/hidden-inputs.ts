import type { SourceFile } from '../../house/index.js';
import type { Violation } from '../violation.js';

/** What a context may only have from the kernel, because a replay has to see the same again. */
export type HiddenInput = 'time' | 'chance' | 'ids' | 'timer' | 'outside' | 'machine' | 'unreadable';

const taken: Readonly<Record<HiddenInput, string>> = {
  time: 'takes the time from',
  chance: 'takes chance from',
  ids: 'makes ids by',
  timer: 'starts work by itself with',
  outside: 'reaches the outside world by',
  machine: 'depends on the machine it runs on by',
  unreadable: 'hides what it uses behind',
};

const instead: Readonly<Record<HiddenInput, string>> = {
  time: 'Take Clock in the constructor; its now() is one instant for the whole input. The domain takes the instant as a parameter, and so does SQL.',
  chance: 'Take Random in the constructor, which draws the same again for the same input; for what nobody may guess, Secrets.',
  ids: 'Take Ids in the constructor and give the id to whoever needs it: ids.next(\'order\').',
  timer: 'Let an event, or a step of a saga with its timeout, bring the work: those are inputs, and inputs can be replayed.',
  outside: 'Put the call into an adapter behind a port of this context, and name that one file, with the reason, in cli/verify/exceptions.json.',
  machine: 'Let the app hand it in as a setting; dates are written and read in UTC.',
  unreadable: 'Use the names themselves, so that everybody can see what is used.',
};

/** Where a hidden input is, and what it is called. */
export interface Spotted {
  readonly input: HiddenInput;
  readonly line: number;
  readonly subject: string;
}

export function hiddenInput(context: string, { path }: Pick<SourceFile, 'path'>, { input, line, subject }: Spotted): Violation {
  return {
    wall: 'determinism', rule: `hidden-${input}`, file: path, line, subject,
    problem: `${context} ${taken[input]} ${subject}, which a replay of the same input would not see again.`,
    instead: instead[input],
  };
}
