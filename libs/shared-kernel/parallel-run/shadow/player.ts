import type { Outputs } from '../../comparison/index.js';
import { logger } from '../../observability/index.js';
import type { Image, TapeEntry, TapedEnd, TapedInput } from '../tape/entry.js';
import { beginWriteSet } from '../tape/tape-store.js';
import { Arbiter, type ArbiterParts } from './arbiter.js';
import { Glances } from './glances.js';
import { History } from './history.js';
import { type Original, Performance } from './performance.js';
import type { Snapshot } from './snapshot.js';
import type { StageHand } from './stage-hand.js';
import { NOTHING, cutShort, endpointOf, observed, outcomeOf, outputsOf, questionsOf } from './outputs.js';
import { applyImages, putExact, putRight } from './put-right.js';
import type { Remembered } from './remembered.js';
import { Sampler } from './sampler.js';

/** What a player works with; of its database, the copy, it has the role that may do nothing elsewhere. */
export interface PlayerParts extends ArbiterParts {
  readonly hand: StageHand;
  /** What the copy shows at the beginning. */
  readonly from: Snapshot;
  /** Brings one input in through the door that it came in by. A step of a saga answers with what it makes of the saga's state. */
  readonly perform: (input: TapedInput) => Promise<unknown>;
  /** What the copy remembers of inputs from before it was made; nothing when left out. */
  readonly remembered?: Remembered;
}

/** An input whose end does not come is let go after so many further entries of the tape. */
const PATIENCE = 20_000;

const log = logger('parallel-run');

/**
 * Plays a tape on a copy: one transaction after the other, in the order in which the original committed them, whatever
 * inputs they belong to; so two inputs that came into each other's way do so again. An input without any transaction is
 * tried at each state between the two snapshots that it may have seen.
 *
 * After every entry the copy has the rows of the original. So a difference is one difference, and what comes later is held
 * against the same state.
 */
export class Player {
  private readonly performances = new Map<string, Performance>();
  private readonly since = new Map<string, number>();
  private readonly ends = new Map<string, TapedEnd>();
  private readonly history: History;
  private readonly arbiter: Arbiter;
  private readonly sampler: Sampler;
  private readonly glances: Glances;
  private count = 0;

  constructor(private readonly parts: PlayerParts) {
    this.arbiter = new Arbiter(parts);
    this.sampler = new Sampler(parts.database, parts.keys, parts.tally);
    this.history = new History(parts.from);
    this.glances = new Glances({ ...parts, arbiter: this.arbiter, sampler: this.sampler, history: this.history });
    parts.hand.onClose((...closing) => this.settle(...closing));
  }

  /** Inputs that changed nothing and were not compared yet: which state they saw, only what comes next can tell. */
  get undecided(): number {
    return this.glances.count;
  }

  /** What comes later on the tape and is good to know before: how inputs ended. */
  foresee(entry: TapeEntry): void {
    if (entry.is !== 'endings') return;
    for (const end of entry.ends) {
      const { input } = end;
      // It did not come to an end of its own. What it committed is compared; how it would have ended, nobody knows.
      if (cutShort(end)) { if (input) this.parts.tally.leftOut('unanswered', end.run); } else if (input) this.glances.add({ ...end, input });
      else this.ends.set(end.run, end);
    }
    this.parts.tally.count('dropped', entry.dropped);
  }

  /** @throws what the copy's database says when it cannot be worked on: then the entry was not played */
  async play(entry: TapeEntry): Promise<void> {
    this.count += 1;
    if (entry.is === 'endings') return this.concludeAll(entry.ends);
    await this.glances.lookBefore(entry.xid);
    if (entry.is === 'unasked') await this.apply(entry);
    else if (entry.taped.run === null) await this.playTogether(entry);
    else await this.playPart(entry, entry.taped.run);
    this.history.add(entry.xid);
    this.glances.pass(entry.xid);
    this.letGo();
  }

  /** The copy has this entry from a player that died since; its comparison was not noted, or died with it. */
  passOver(entry: TapeEntry): void {
    this.history.add(entry.xid);
    if (entry.is === 'transaction') this.parts.tally.leftOut('applied', entry.taped.run ?? entry.position);
  }

  /** All that is on the tape is played: what changed nothing saw no other state than this one. */
  async rest(): Promise<void> {
    await this.glances.lookAtLast();
  }

  private async playPart(entry: TapeEntry & { is: 'transaction' }, run: string): Promise<void> {
    const { part, inputs: [input], calls, events } = entry.taped;
    if (part === 0 && input) {
      await this.parts.remembered?.recognize(input);
      this.open(run, input);
    }
    const performance = this.performances.get(run);
    // Begun before the copy was made, or before this process was: its rows are known all the same.
    if (!performance || performance.parts !== part) {
      await this.putIn(entry);
      return this.parts.tally.leftOut('applied', run);
    }
    if (part === 0) await this.sampler.foresee(performance, entry.rows);
    performance.grant({ position: entry.position, rows: entry.rows, events }, calls);
    await this.untilPlayed(performance, performance.original);
    await this.closeIfDone(performance);
  }

  private open(run: string, input: TapedInput): void {
    const performance = new Performance(run, input);
    const end = this.ends.get(run);
    if (end) performance.conclude(end);
    this.performances.set(run, performance);
    this.since.set(run, this.count);
    performance.start(() => this.parts.hand.during(performance, () => this.parts.perform(input)));
  }

  /** Several inputs in one transaction. */
  private async playTogether(entry: TapeEntry & { is: 'transaction' }): Promise<void> {
    const { inputs, events, calls } = entry.taped;
    const [first] = inputs;
    if (!first) return this.apply(entry);
    const performance = new Performance(entry.position, first);
    performance.grant({ position: entry.position, rows: entry.rows, events }, calls);
    const values: unknown[] = [];
    performance.start(() => this.parts.hand.during(performance, () => this.parts.database.transaction(async () => { for (const input of inputs) values.push(await this.parts.perform(input)); })));
    await this.untilPlayed(performance, performance.original);
    if (!performance.hasDiverged) {
      const [primary, candidate] = questionsOf(performance);
      this.arbiter.report(performance, this.arbiter.differences(primary, candidate), primary, candidate);
      this.compareSteps(performance, inputs, values);
    }
    for (const input of inputs) this.parts.tally.compared(endpointOf(input), 'handled', { isEqual: !performance.hasDiverged, wrote: performance.wrote, at: input.pinned.at });
  }

  /** A step of a saga answers with the state that its next step begins with. */
  private compareSteps(performance: Performance, inputs: readonly TapedInput[], values: readonly unknown[]): void {
    inputs.forEach(({ occasion, ending }, at) => {
      if (occasion.kind !== 'step' || ending === undefined) return;
      const [primary, candidate]: Outputs[] = [{ ...NOTHING, response: ending }, { ...NOTHING, response: { is: 'returned', value: values[at] } }];
      if (primary && candidate) this.arbiter.report(performance, this.arbiter.differences(primary, candidate), primary, candidate);
    });
  }

  /** Waits for the candidate's transaction; one that does not come is a difference, and its rows come from the tape. */
  private async untilPlayed(performance: Performance, original: Original | undefined): Promise<void> {
    const isAtRest = await this.arbiter.isAtRest(performance);
    if (!original || performance.original !== original) return;
    if (!isAtRest) await this.arbiter.callOff(performance);
    performance.original = undefined;
    await this.sampler.look(performance, original.rows);
    await this.apply(original);
    const differences = this.arbiter.differences({ ...NOTHING, transactions: [observed(original)] }, { ...NOTHING, transactions: [{ rows: [], events: [] }] });
    this.arbiter.report(performance, isAtRest ? differences : [{ output: 'response', kind: 'missing', field: 'response', primary: 'an answer', candidate: `none within ${this.arbiter.hangMs} ms` }], original, NOTHING);
  }

  /** Called within the candidate's transaction, before it commits. */
  private async settle(performance: Performance, original: Original | undefined, candidate: Omit<Original, 'position'>): Promise<void> {
    const { database } = this.parts;
    const primary = original ?? { rows: [], events: [] };
    const differences = this.arbiter.differences({ ...NOTHING, transactions: [observed(primary)] }, { ...NOTHING, transactions: [observed(candidate)] });
    const look = async (): Promise<void> => { if (original || performance.parts === 0) await this.sampler.look(performance, [...primary.rows, ...candidate.rows]); };
    if (differences.length > 0) await putRight(database, performance.input, primary.rows, look);
    else await putExact(database, performance.input, { primary: primary.rows, candidate: candidate.rows }, this.parts);
    this.arbiter.report(performance, differences, primary, candidate);
    if (original) database.post('INSERT INTO played (position) VALUES ($1) ON CONFLICT DO NOTHING', [original.position]);
  }

  private async concludeAll(ends: readonly TapedEnd[]): Promise<void> {
    for (const end of ends.filter((it) => !cutShort(it))) {
      const isNews = this.ends.delete(end.run);
      const performance = this.performances.get(end.run);
      if (!performance) {
        if (isNews) this.parts.tally.leftOut('skipped', end.run);
        continue;
      }
      if (!performance.end) performance.conclude(end);
      await this.arbiter.isAtRest(performance);
      await this.closeIfDone(performance);
    }
  }

  /** All of its transactions were played, and both sides have ended: what is left is how. */
  private async closeIfDone(performance: Performance): Promise<void> {
    const { end, run } = performance;
    if (!end || !performance.isWhole) return;
    if (!performance.isOver && !(await this.arbiter.isAtRest(performance))) await this.arbiter.callOff(performance);
    if (!performance.isOver) await this.arbiter.isAtRest(performance);
    this.forget(run);
    const [primary, candidate] = outputsOf(performance, end);
    this.parts.tally.took({ primary: end.ms, candidate: performance.ownMs });
    const differences = performance.hasDiverged ? [] : this.arbiter.differences(primary, candidate);
    this.parts.tally.compared(endpointOf(performance.input), outcomeOf(end.ending), { isEqual: differences.length === 0 && !performance.hasDiverged, wrote: performance.wrote, at: performance.input.pinned.at });
    if (differences.length > 0) this.sampler.expect(performance);
    this.arbiter.report(performance, differences, primary, candidate);
    this.sampler.complete(performance, end);
  }

  /** The rows of the original, with nothing to hold against them. */
  private async apply(entry: { readonly position: string; readonly rows: readonly Image[] }): Promise<void> {
    await this.putIn(entry);
    this.parts.tally.count('applied');
  }

  private async putIn({ position, rows }: { readonly position: string; readonly rows: readonly Image[] }): Promise<void> {
    const { database } = this.parts;
    await database.transaction(async () => {
      await beginWriteSet(database);
      if (rows.length > 0) await applyImages(database, rows);
      await database.query('INSERT INTO played (position) VALUES ($1) ON CONFLICT DO NOTHING', [position]);
    });
  }

  /** The original may have died before it could say how an input ended; then nobody waits for it here either. */
  private letGo(): void {
    for (const [run, at] of this.since) {
      if (this.count - at < PATIENCE) break;
      this.performances.get(run)?.giveUp();
      this.forget(run);
      this.parts.tally.leftOut('unanswered', run);
      log.debug({ run }, 'How an input ended is not on the tape; what it wrote was compared.');
    }
  }

  private forget(run: string): void {
    this.performances.delete(run);
    this.since.delete(run);
    this.ends.delete(run);
  }
}
