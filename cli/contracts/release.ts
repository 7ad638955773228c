import type { Contract } from '@banyan/kernel/contract';
import type { BrokenPromise } from './finding.js';
import { type EventSnapshot, type Snapshot, snapshotOf } from './snapshot.js';

/** What a release should do beside writing down what is. */
export interface ReleaseOrder {
  /** Why promises are broken on purpose; without a reason none may be. */
  readonly reason?: string | undefined;
  /** Versions of which no message is left: `ordering.order-placed@1`. */
  readonly retired: readonly string[];
}

/** What the contract promises from now on: what it says, and every older version of an event that may still be about. */
export function nextRelease(released: Snapshot | undefined, contract: Contract, broken: readonly BrokenPromise[], { reason, retired }: ReleaseOrder): Snapshot {
  const now = snapshotOf(contract);
  const lost = new Set(broken.map(({ promise }) => promise));
  const kept = (type: string, version: string): boolean => !retired.includes(`${type}@${version}`) && !lost.has(`${type} v${version}`);
  const events = Object.entries(now.events).map(([type, event]) => [type, withOlder(event, released?.events[type], (version) => kept(type, version))] as const);
  const given = reason === undefined ? [] : broken.map(({ promise, path, what }) => ({ promise: `${promise}${path && ` ${path}`}: ${what}`, reason }));
  return { ...now, events: Object.fromEntries(events), broken: [...released?.broken ?? [], ...given] };
}

/** Retired versions that cannot be: unknown ones, and those that the contract announces. */
export function unretirable(released: readonly Snapshot[], contracts: readonly Contract[], retired: readonly string[]): string[] {
  const current = contracts.flatMap(({ events }) => Object.values(events).map((it) => `${it.type}@${it.version}`));
  const known = released.flatMap(({ events }) => Object.entries(events).flatMap(([type, { payloads }]) => Object.keys(payloads).map((version) => `${type}@${version}`)));
  return retired.filter((it) => current.includes(it) || !known.includes(it));
}

function withOlder(event: EventSnapshot, released: EventSnapshot | undefined, isKept: (version: string) => boolean): EventSnapshot {
  const older = Object.entries(released?.payloads ?? {}).filter(([version]) => Number(version) < event.version && isKept(version));
  return { ...event, payloads: { ...Object.fromEntries(older), ...event.payloads } };
}
