import { type Database, type LineOutcome, TurnsMixed } from '../persistence/index.js';
import { wallClock } from '../runtime/index.js';
import type { HandledStore } from './handled-store.js';
import type { Handling } from './handling.js';
import { laneOf } from './key.js';
import { type ReceivedEvent, idOf, keyOf } from './message.js';
import { causesOf, isAftermath, verdictOn } from './retry.js';

/** How a try at handling events on arrival ended. All but the first rolled everything back. */
export type Tried =
  /** Committed. `late` are those for which there was no time, `held` those with an unfinished earlier one of their key. */
  | { readonly is: 'handled'; readonly late: readonly ReceivedEvent[]; readonly held: readonly ReceivedEvent[] }
  /** Another process works on one of the lanes. */
  | { readonly is: 'taken' }
  /** Somebody else was in the way. */
  | { readonly is: 'conflict' }
  /** Handlers need a turn of their own: next time they get it. */
  | { readonly is: 'mixed' }
  /** `culprits` are the events that failed by themselves; none when it came out only at the end. `all` of those are known. */
  | { readonly is: 'failed'; readonly culprits: readonly ReceivedEvent[]; readonly all: boolean; readonly error: unknown };

/**
 * Handles events in one transaction together with noting that they are handled: either all of it is committed or
 * nothing. That one transaction is all that most events ever cost their consumer.
 *
 * The advisory locks of the lanes make it the only transaction on these lanes in all processes, as a lane's own turn
 * is (`LaneRun`); so nothing is handled here that somebody else is handling, and nothing that has an earlier event of
 * its key in the inbox. If the process dies, locks and effects go with the connection; whoever delivers the events
 * again says that they had been begun, and then they go through the inbox, where tries are counted.
 *
 * Handlers of different keys run at the same time (`Database.inTurns`), those of one key one after the other. Handlers
 * that cannot share a transaction like that are told by TurnsMixed and remembered: from then on they run alone.
 */
export class FirstTry {
  private readonly alone = new Set<string>();

  constructor(private readonly database: Database, private readonly store: HandledStore, private readonly handling: Handling) {}

  /**
   * @param events each once
   * @param end by `wallClock.ticks()`: those that could only begin later are left
   */
  async run(events: readonly ReceivedEvent[], end: number): Promise<Tried> {
    const progress: Progress = { culprits: [], errors: [], mixed: new Set(), isThrough: false };
    try {
      return await this.database.transaction(() => this.work(events, end, progress));
    } catch (error) {
      return this.judge(events, progress, error);
    }
  }

  private async work(events: readonly ReceivedEvent[], end: number, progress: Progress): Promise<Tried> {
    const lanes = [...new Set(events.map((it) => laneOf(keyOf(it))))];
    const [locked, { fresh, isBusy, now }] = await Promise.all([this.store.lock(lanes), this.store.admit(events.map(idOf))]);
    if (!locked) throw new Taken();
    const unknown = events.filter((it) => fresh.has(idOf(it)));
    const heldKeys = isBusy ? await this.store.held(unknown.map(keyOf), lanes) : new Set<string>();
    const held = unknown.filter((it) => heldKeys.has(keyOf(it)));
    const free = held.length === 0 ? unknown : unknown.filter((it) => !heldKeys.has(keyOf(it)));
    const late = await this.handle(free, now, end, progress);
    progress.isThrough = true;
    if (held.length + late.length > 0) await this.store.takeBack([...held, ...late].map(idOf));
    return { is: 'handled', late, held };
  }

  /** @returns what could not begin in time */
  private async handle(events: readonly ReceivedEvent[], now: Date, end: number, progress: Progress): Promise<readonly ReceivedEvent[]> {
    for (let from = 0; from < events.length;) {
      if (from > 0 && wallClock.ticks() > end) return events.slice(from);
      const part = this.together(events, from);
      const lines = [...Map.groupBy(part, keyOf).values()];
      const outcomes = await this.database.inTurns(lines.map((line) => line.map((it) => () => this.handling.handle(it.envelope, now))));
      if (outcomes.some((it) => it.failed)) throw this.note(lines, outcomes, progress);
      from += part.length;
    }
    return [];
  }

  /** Up to the first event that runs alone; that one by itself. */
  private together(events: readonly ReceivedEvent[], from: number): readonly ReceivedEvent[] {
    if (this.alone.size === 0) return from === 0 ? events : events.slice(from);
    const next = events.findIndex((it, index) => index >= from && this.alone.has(it.envelope.eventType));
    if (next < 0) return events.slice(from);
    return events.slice(from, next === from ? from + 1 : next);
  }

  private note(lines: readonly (readonly ReceivedEvent[])[], outcomes: readonly LineOutcome[], progress: Progress): unknown {
    for (const [at, { failed, done, error }] of outcomes.entries()) {
      const event = lines[at]?.[done];
      if (!failed || !event) continue;
      progress.errors.push(error);
      if (isMixed(error)) progress.mixed.add(event.envelope.eventType);
      else if (!isAftermath(error)) progress.culprits.push(event);
    }
    return progress.errors.find((it) => !isAftermath(it)) ?? progress.errors[0];
  }

  /** @throws the error when it is about the database and not about an event */
  private judge(events: readonly ReceivedEvent[], { culprits, errors, mixed, isThrough }: Progress, error: unknown): Tried {
    if (error instanceof Taken) return { is: 'taken' };
    // A handler may have passed over it; then all of them are suspects.
    if (isMixed(error) && mixed.size === 0) for (const { envelope } of events) mixed.add(envelope.eventType);
    for (const eventType of mixed) this.alone.add(eventType);
    if (mixed.size > 0) return { is: 'mixed' };
    const verdict = verdictOn(error);
    if (verdict === 'conflict') return { is: 'conflict' };
    if (errors.length === 0 && (verdict === 'outage' || !isThrough)) throw error;
    return { is: 'failed', culprits, all: culprits.length > 0 && culprits.length === errors.length, error };
  }
}

/** How far a try came; read when it fails. */
interface Progress {
  readonly culprits: ReceivedEvent[];
  readonly errors: unknown[];
  /** Types of events whose handlers cannot share a transaction with others at the same time. */
  readonly mixed: Set<string>;
  isThrough: boolean;
}

class Taken extends Error {}

function isMixed(error: unknown): boolean {
  return causesOf(error).some((it) => it instanceof TurnsMixed);
}
