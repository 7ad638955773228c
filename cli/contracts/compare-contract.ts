import type { Contract } from '@banyan/kernel/contract';
import { compareEvents } from './events.js';
import { type Findings, type Others, together } from './finding.js';
import { compareOperations } from './operations.js';
import { type Snapshot, snapshotOf } from './snapshot.js';

/** Which promises of its last release a contract does not keep, and what to mind about the other changes. */
export function compareContract(released: Snapshot, contract: Contract, others: Others): Findings {
  const now = snapshotOf(contract);
  return together(compareOperations(released, now, others), compareEvents(released, now, Object.values(contract.events), others));
}
