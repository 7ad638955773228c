import { canonical } from './diff/schema.js';
import { diff } from './diff/diff.js';
import { type Findings, type Note, type BrokenPromise, type Others, builtBefore, together } from './finding.js';
import type { OperationSnapshot, Schema, Snapshot } from './snapshot.js';
import { type Role, verdictOn } from './verdicts.js';

type Kind = 'command' | 'query';
const LISTS = { command: 'commands', query: 'queries' } as const;

/** Compares the commands and queries of a contract with those of its last release. */
export function compareOperations(was: Snapshot, now: Snapshot, { callers }: Others): Findings {
  const who = builtBefore('callers', callers);
  return together(...(['command', 'query'] as const).flatMap((kind) => Object.entries(was[LISTS[kind]]).map(([name, released]) => {
    const operation = now[LISTS[kind]][name];
    const about = { context: was.contract, name, kind, who };
    return operation ? compare(about, released, operation) : { broken: [gone(about, released, now)], notes: [] };
  })));
}

interface About {
  readonly context: string;
  readonly name: string;
  readonly kind: Kind;
  readonly who: string;
}

function gone({ context, name, kind, who }: About, released: OperationSnapshot, now: Snapshot): BrokenPromise {
  const moved = now[LISTS[kind === 'command' ? 'query' : 'command']][name];
  const [heir] = Object.entries(now[LISTS[kind]]).find(([, it]) => canonical(it) === canonical(released)) ?? [];
  const what = moved ? `the ${kind} is a ${kind === 'command' ? 'query' : 'command'} now` : `the ${kind} is gone${heir ? `; it looks as if it was renamed to ${heir}` : ''}`;
  return {
    context, promise: name, rule: moved ? 'operation-kind-changed' : 'operation-removed', path: '', what, who, why: 'they go on sending it',
    instead: 'Keep it and add the new one beside it; take the old one out when nobody sends it any more.',
  };
}

function compare(about: About, was: OperationSnapshot, now: OperationSnapshot): Findings {
  return together(
    compareMessage(about, `${about.kind} input`, was.input, now.input),
    compareMessage(about, `${about.kind} output`, was.output, now.output),
    compareErrors(about, was.errors, now.errors),
  );
}

function compareMessage({ context, name, who }: About, role: Exclude<Role, 'event'>, was: Schema, now: Schema): Findings {
  const side = role.endsWith('input') ? 'input' : 'output';
  const promise = `${name} (${side})`;
  const broken: BrokenPromise[] = [];
  const notes: Note[] = [];
  for (const change of diff(was, now)) {
    const { path, what } = change;
    const verdict = verdictOn(role, change);
    if (verdict?.is === 'note') notes.push({ context, promise, path, what, mind: verdict.mind });
    if (verdict?.is !== 'broken') continue;
    broken.push({
      context, promise, rule: `${side}-${change.is}`, path, what, why: verdict.why,
      who: verdict.victim === 'built-before' ? who : 'whoever sends a command again that was sent before',
      instead: `${verdict.instead ?? 'Leave it as it was'}; or offer it in its new form as another ${role.split(' ')[0]}, beside this one.`,
    });
  }
  return { broken, notes };
}

type Errors = OperationSnapshot['errors'];

function compareErrors({ context, name, who }: About, was: Errors, now: Errors): Findings {
  const promise = `${name} (errors)`;
  const broken = Object.entries(was).flatMap(([code, meaning]): BrokenPromise[] => {
    const after = now[code];
    if (!after) {
      return [{
        context, promise, rule: 'error-removed', path: code, what: 'the error is no longer announced', who, why: 'they meet this outcome in a way of its own, and may get one that they do not expect',
        instead: 'Keep it in the list of errors for as long as the outcome it stands for can happen.',
      }];
    }
    if (canonical(after) === canonical(meaning)) return [];
    return [{
      context, promise, rule: 'error-changed', path: code, what: `the error was ${JSON.stringify(meaning)} and is ${JSON.stringify(after)}`, who,
      why: 'they decide by it whether to try again', instead: 'Give the other meaning a code of its own.',
    }];
  });
  const notes = Object.keys(now).filter((code) => !(code in was)).map((code): Note => ({
    context, promise, path: code, what: 'the error is new', mind: 'Callers that were built before take it for any other refusal.',
  }));
  return { broken, notes };
}
