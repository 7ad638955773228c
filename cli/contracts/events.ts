import type { EventDefinition } from '@banyan/kernel/contract';
import { canonical } from './diff/schema.js';
import { diff } from './diff/diff.js';
import { type BrokenPromise, type Findings, type Note, type Others, builtBefore, together } from './finding.js';
import type { EventSnapshot, Schema, Snapshot } from './snapshot.js';
import { checkUpcasters } from './upcasters.js';
import { type Victim, verdictOn } from './verdicts.js';

const READERS = 'whoever reads messages that were written before';

interface About {
  readonly context: string;
  readonly type: string;
  readonly listeners: string;
}

/** Compares the events of a contract with those of its last release. */
export function compareEvents(was: Snapshot, now: Snapshot, definitions: readonly EventDefinition[], others: Others): Findings {
  return together(...Object.entries(was.events).map(([type, released]) => {
    const about = { context: was.contract, type, listeners: builtBefore('listeners', others.listeners.get(type) ?? []) };
    const event = now.events[type];
    const definition = definitions.find((it) => it.type === type);
    if (!event || !definition) return { broken: [gone(about, released, was, now)], notes: [] };
    return together(
      { broken: [...compareOrdering(about, released, event), ...compareVersions(about, released, event)], notes: [] },
      compareMessages(about, released, event),
      checkUpcasters(was.contract, definition, released),
    );
  }));
}

function gone({ context, type, listeners }: About, released: EventSnapshot, was: Snapshot, now: Snapshot): BrokenPromise {
  const [heir] = Object.entries(now.events).find(([name, it]) => !(name in was.events) && canonical(it) === canonical(released)) ?? [];
  return {
    context, promise: `${type} v${released.version}`, rule: 'event-removed', path: '', what: `the event is gone${heir ? `; it looks as if it was renamed to ${heir}` : ''}`,
    who: `${listeners}, and ${READERS}`, why: 'messages that are still on their way would be parked, and who listens would wait for ever',
    instead: 'Keep it in the contract. When nothing announces it any more, everybody who listened is gone and no message of it is left, release its end: npx banyan contracts release --break "…".',
  };
}

/** Which messages are kept in order is part of the promise. */
function compareOrdering({ context, type, listeners }: About, was: EventSnapshot, now: EventSnapshot): BrokenPromise[] {
  const promise = `${type} v${was.version}`;
  const parts = { context, promise, path: '', instead: 'Leave it. For another order, announce an event of another type beside this one.' };
  return [
    ...(was.key === now.key ? [] : [{ ...parts, rule: 'key-changed', what: `the ordering key was ${was.key} and is ${now.key}`, who: `${listeners}, and ${READERS}`,
      why: 'messages with the old key and with the new one are not kept in order' }]),
    ...(was.aggregateType === now.aggregateType ? [] : [{ ...parts, rule: 'aggregate-type-changed', what: `the aggregate was "${was.aggregateType}" and is "${now.aggregateType}"`, who: listeners,
      why: 'it is part of every envelope, and they may choose by it' }]),
  ];
}

function compareVersions({ context, type }: About, was: EventSnapshot, now: EventSnapshot): BrokenPromise[] {
  const newest = Math.max(was.version, ...Object.keys(was.payloads).map(Number));
  if (now.version >= newest) return [];
  return [{
    context, promise: `${type} v${newest}`, rule: 'version-lowered', path: '', what: `the version was ${newest} and is ${now.version}`, who: READERS,
    why: `nobody could read messages of version ${newest} any more`, instead: `Go on from there: give the form of now version ${newest + 1}, with upcasters from the older ones.`,
  }];
}

/** The form that the current version had when it was released. */
function compareMessages({ context, type, listeners }: About, was: EventSnapshot, now: EventSnapshot): Findings {
  const { version } = now;
  const [before, after]: (Schema | undefined)[] = [was.payloads[version], now.payloads[version]];
  const promise = `${type} v${version}`;
  const broken: BrokenPromise[] = [];
  const notes: Note[] = [];
  for (const change of before && after ? diff(before, after) : []) {
    const { path, what } = change;
    const verdict = verdictOn('event', change);
    if (verdict?.is === 'note') notes.push({ context, promise, path, what, mind: verdict.mind });
    if (verdict?.is !== 'broken') continue;
    broken.push({
      context, promise, rule: `payload-${change.is}`, path, what, who: victims(verdict.victim, listeners), why: verdict.why,
      instead: `${verdict.instead ?? 'Leave it as it was'}; or give the event version ${version + 1}, with upcast: { ${version}: … } from this one.`,
    });
  }
  return { broken, notes };
}

function victims(victim: Victim, listeners: string): string {
  switch (victim) {
    case 'built-before': return listeners;
    case 'reads-older': return READERS;
    case 'both': return `${listeners}, and ${READERS}`;
    default: return victim satisfies never;
  }
}
