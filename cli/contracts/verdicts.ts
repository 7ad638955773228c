import type { Change, ChangeKind } from './diff/change.js';

/** What a message is for, which decides whom a change of it breaks. */
export type Role = 'event' | 'command input' | 'query input' | 'command output' | 'query output';

/** Whom a change breaks: those that were built before it, or those that read what was written before it. */
export type Victim = 'built-before' | 'reads-older' | 'both';

/** What a change means in a role. Undefined: nobody notices. */
export type Verdict =
  | { readonly is: 'broken'; readonly victim: Victim; readonly why: string; readonly instead?: string }
  | { readonly is: 'note'; readonly mind: string }
  | undefined;

type Judge = (change: Change) => Verdict;

const broken = (victim: Victim, why: string, instead?: string): Verdict => ({ is: 'broken', victim, why, ...(instead !== undefined && { instead }) });
const note = (mind: string): Verdict => ({ is: 'note', mind });
const fine: Judge = () => undefined;

/**
 * Events are read twice over: older messages by the code of now, newer messages by listeners that were built before.
 * So a version stands for one form; only a field that may be missing can be added to it.
 */
const event: Readonly<Record<ChangeKind, Judge>> = {
  'added-optional': ({ wasClosed }) => (wasClosed ? note('A listener that was built before refuses a field that it does not know and parks the event: deploy listeners before the context that announces it.') : undefined),
  'added-required': () => broken('reads-older', 'messages of this version that are still in an outbox, an inbox, a queue or the log do not have it', 'Make it optional'),
  removed: () => broken('both', 'the former expect the field, the latter still find it in older messages', 'Keep the field'),
  renamed: () => broken('both', 'the former expect the old name, the latter still find it in older messages', 'Keep the old name'),
  'became-required': () => broken('reads-older', 'messages that were written without it would be parked', 'Leave it optional'),
  'became-optional': ({ hasDefault }) => (hasDefault ? undefined : broken('built-before', 'they rely on it being there', 'Leave it required')),
  narrowed: () => broken('reads-older', 'messages that hold what is no longer let through would be parked', 'Let it through'),
  widened: () => broken('built-before', 'they would be sent what they do not let through, and park it', 'Add a field for what is new'),
  changed: () => broken('both', 'what one side writes the other may not let through', 'Leave it and add a field'),
};

const input = (role: 'command input' | 'query input'): Readonly<Record<ChangeKind, Judge>> => ({
  'added-optional': ({ hasDefault }) => (role === 'command input' && hasDefault
    ? broken('reads-older', 'the default becomes part of the input, so a command that is sent again no longer equals the one in the log and is refused as command-key-reused', 'Leave the default out of the schema and let the handler fill it in')
    : undefined),
  'added-required': () => broken('built-before', 'they do not send it', 'Make it optional'),
  removed: () => broken('built-before', 'they still send it, and are refused or not heeded', 'Keep the field'),
  renamed: () => broken('built-before', 'they send the old name', 'Take both names for a while, each optional'),
  'became-required': () => broken('built-before', 'they may leave it out', 'Leave it optional'),
  'became-optional': fine,
  narrowed: () => broken('built-before', 'they may send what is now refused', 'Take it as before'),
  widened: fine,
  changed: () => broken('built-before', 'they may send what is now refused', 'Take what was taken before too'),
});

const KEPT_ANSWER = 'a command that is sent again is answered from the log, with the answer of its first run, which may not fit any more';

const output = (role: 'command output' | 'query output'): Readonly<Record<ChangeKind, Judge>> => ({
  'added-optional': added,
  'added-required': (change) => (role === 'command output' ? broken('reads-older', KEPT_ANSWER, 'Make it optional') : added(change)),
  removed: () => broken('built-before', 'they expect it', 'Keep the field'),
  renamed: () => broken('built-before', 'they expect the old name', 'Answer with both names for a while'),
  'became-required': role === 'command output' ? () => broken('reads-older', KEPT_ANSWER, 'Leave it optional') : fine,
  'became-optional': ({ hasDefault }) => (hasDefault ? undefined : broken('built-before', 'they rely on it being there', 'Leave it required')),
  narrowed: role === 'command output' ? () => broken('reads-older', KEPT_ANSWER, 'Let the old answers through') : fine,
  widened: () => broken('built-before', 'they may be answered with what they do not know', 'Answer with what was known, and add an optional field for what is new'),
  changed: () => broken('built-before', 'they may be answered with what they do not know', 'Leave it and add an optional field'),
});

function added({ wasClosed }: Change): Verdict {
  return wasClosed ? note('A caller that was built before refuses a field that it does not know: deploy callers before the context that answers.') : undefined;
}

const judges: Readonly<Record<Role, Readonly<Record<ChangeKind, Judge>>>> = {
  event, 'command input': input('command input'), 'query input': input('query input'),
  'command output': output('command output'), 'query output': output('query output'),
};

/** What a change means for those on the other side. */
export function verdictOn(role: Role, change: Change): Verdict {
  return judges[role][change.is](change);
}
