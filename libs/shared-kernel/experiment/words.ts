import type { Difference } from './differences.js';

/**
 * What came of a call that was chosen for comparison. `failed`: the candidate threw where the control answered. `skipped`:
 * nothing was compared, for one of the reasons.
 */
export type Outcome = 'same' | 'different' | 'failed' | 'timed-out' | 'skipped';

/**
 * - `no-input`: there is nothing to pin ids and time to
 * - `watched`: what goes out of the context is being written down, and the candidate's would be taken for the control's
 * - `in-transaction`: a read in an open transaction, which may have written what it reads
 * - `no-transaction`: a write outside of one
 * - `shared-transaction`: among works that take turns, or inside of a rehearsal
 * - `deadline`: the input has too little time left
 * - `busy`: as many candidates are reading as may
 * - `pool`: no connection to spare
 * - `budget`: used up
 * - `off`: it failed several times in a row
 * - `not-copyable`: arguments or answers are no plain values
 * - `database-away`: the database, not the candidate, failed
 * - `unread`: what the control wrote could not be read in time
 * - `broken`: the experiment's own functions threw
 */
export type SkipReason = 'no-input' | 'watched' | 'in-transaction' | 'no-transaction' | 'shared-transaction' | 'deadline' | 'busy' | 'pool' | 'budget' | 'off'
  | 'not-copyable' | 'database-away' | 'unread' | 'broken';

/** What became visible of one side: its answer and what it wrote, or the code (else name and message) of its error. */
export type Seen = { readonly answer: unknown; readonly written?: unknown } | { readonly error: string };

/** A call in which the candidate did not do what the control did. It holds what was said: it never leaves the process by itself. */
export interface Mismatch {
  readonly method: string;
  readonly outcome: 'different' | 'failed';
  readonly inputId: string;
  readonly correlationId: string;
  readonly at: Date;
  readonly args: readonly unknown[];
  readonly control: Seen;
  readonly candidate: Seen;
  readonly differences: readonly Difference[];
}

/** Where an experiment stands in this process, since its start. */
export interface ExperimentReport {
  readonly name: string;
  /** Whether the candidate is left alone at the moment. */
  readonly isOff: boolean;
  /** Candidates that read at the moment. */
  readonly underWay: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
  /** The latest ones, the oldest first. */
  readonly mismatches: readonly Mismatch[];
}
