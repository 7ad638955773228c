import type { Keys } from '../../comparison/index.js';
import type { Database } from '../../persistence/index.js';
import type { Image, TapedEnd } from '../tape/entry.js';
import type { InputTape } from './input-tape.js';
import { endpointOf } from './outputs.js';
import type { Performance } from './performance.js';
import { StartingState } from './starting-state.js';
import type { Tally } from './tally.js';

/** Samples of one endpoint that are made complete; what looks into whole tables is not to be done for every input. */
const ENOUGH = 3;

/**
 * Sees to it that inputs which were done differently can be done again elsewhere. What was there before an input is known
 * only until its first transaction has committed; so where the first mismatch of an endpoint came too late for that, the
 * next ones are looked at in time.
 */
export class Sampler {
  private readonly starting: StartingState;
  /** Samples that are complete, of the endpoints that have differed. */
  private readonly taped = new Map<string, number>();

  constructor(database: Database, keys: Keys, private readonly tally: Tally) {
    this.starting = new StartingState(database, keys);
  }

  /** Before an input of an endpoint that is known to differ. */
  async foresee(performance: Performance, rows: readonly Image[]): Promise<void> {
    if (this.taped.has(endpointOf(performance.input))) await this.look(performance, rows);
  }

  /** When it has just differed, and nothing of it is in the tables (any more). */
  async look(performance: Performance, rows: readonly Image[]): Promise<void> {
    const endpoint = endpointOf(performance.input);
    const taped = this.taped.get(endpoint) ?? 0;
    this.taped.set(endpoint, taped);
    if (taped < ENOUGH && performance.parts <= 1) performance.stateBefore ??= await this.starting.of(performance.input, rows);
  }

  /** When it differed too late to look. */
  expect(performance: Performance): void {
    const endpoint = endpointOf(performance.input);
    this.taped.set(endpoint, this.taped.get(endpoint) ?? 0);
  }

  /** When it has ended. */
  complete(performance: Performance, end: TapedEnd): void {
    const { stateBefore: state, hasDiverged, input, originals: transactions, calls, run } = performance;
    if (!state || !hasDiverged) return;
    const endpoint = endpointOf(input);
    this.taped.set(endpoint, (this.taped.get(endpoint) ?? 0) + 1);
    const tape: InputTape = { input, state, transactions: transactions.map(({ rows, events }) => ({ rows: [...rows], events: [...events] })), calls: [...calls], ending: end.ending };
    this.tally.taped({ endpoint, run, tape });
  }
}
