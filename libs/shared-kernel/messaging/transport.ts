import type { EventEnvelope } from '../contract/index.js';
import type { Health } from '../observability/index.js';

/** A message that its carrier could not deliver in the ordinary way, and why. */
export interface Undeliverable {
  readonly text: string;
  readonly reason: string;
}

/** What a carrier has kept of the events that passed. */
export interface History {
  /** What is missing, as a sentence; undefined: nothing is. */
  readonly lacks: string | undefined;
  /** Does another process take in for the context, as far as the carrier can tell? */
  isServed(): Promise<boolean>;
}

/** What the outboxes of a process know about events that are gone. */
export interface Past {
  /** Has no event left an outbox yet? */
  isEmpty(): Promise<boolean>;
  /** When events last went a way on which no history is kept, in milliseconds since the epoch; 0: never. */
  bypassedAt(): Promise<number>;
}

/** A read model that has to be made anew from history before its context takes in anything else. */
export interface Refill {
  /** Was a process killed over it? Then any of its events may have been what killed it. */
  readonly isResumed: boolean;
  /**
   * Empties the read model, unless that is done already.
   * @throws RebuildRefused, HistoryIncomplete, RebuildUnderWay: nothing was changed
   */
  begin(history: History): Promise<void>;
  /** @throws RebuildUnderWay when another process has taken over */
  confirm(): Promise<void>;
  /** All that was there when reading began is stored; from here on the context lives as usual. */
  end(): Promise<void>;
}

/** Where the events for one context arrive, whatever carried them. */
export interface EventInbox {
  readonly context: string;
  /** Wire names of the events this context handles. */
  readonly eventTypes: ReadonlySet<string>;
  /** Is anything of it handled in this process? If not, a carrier that has the choice leaves messages to another one. */
  readonly isOnDuty: boolean;
  /**
   * Handles serialised events (envelopes or CloudEvents), those of one key in this order, or stores them to be handled
   * later; what is already known is skipped. Resolves once effects or messages are durable. A message that cannot be
   * read is stored too, as parked, with the reason.
   *
   * May be called while an earlier call is still under way, in this process or another one, by a carrier that delivers
   * again from the first message that was not confirmed: whoever begins later begins with the same messages.
   * @param wasBegun tells of a message, by its index, that handling it may have been begun before by a process that did
   *   not report back: it is stored, and handled where tries are counted, so that what kills processes is parked in
   *   the end. A carrier that delivers again should say so of what it delivers again.
   * @throws DatabaseAway, ConflictRetry, MaybeExecuted: any part may be done or not, send the same messages again
   */
  receive(messages: readonly string[], wasBegun?: (index: number) => boolean): Promise<void>;
  /**
   * Stores messages as parked, each with its reason; a redrive reads them like any other. What is already known is
   * skipped: an event whose every delivery looked like a failure may have been stored all the same.
   * @throws as `receive` does
   */
  park(messages: readonly Undeliverable[]): Promise<void>;
  /**
   * To be asked before anything is taken in on a new connection: what has to be read from history first.
   * @throws RebuildUnderWay when another process does that, and nothing may be taken in here
   */
  refill?(): Promise<Refill | undefined>;
}

/** Carries events from the outbox of one context to the inboxes of others. */
export interface EventTransport {
  /**
   * The name by which an outbox remembers that delivered events may still be under way. Undefined: with this transport
   * whatever is delivered is stored.
   */
  readonly carrier: string | undefined;
  /** Does `flush` speak for every context that listens, because all of them live in processes like this one? */
  readonly reachesEveryone: boolean;
  /** Does it keep what passed, so that an inbox can be refilled? */
  readonly keepsHistory?: boolean;
  /**
   * Called once, before the first `deliver`, with the inboxes that live in this process.
   * @param past of the contexts in this process
   * @throws BanyanError when a person has to change something before events can flow
   */
  start(inboxes: readonly EventInbox[], past: Past): Promise<void>;
  /**
   * Resolves once every message is safe: durable in every subscribed inbox, or confirmed by the broker.
   * When it rejects, any part may have arrived: the relay delivers the same batch again, in the same order, before
   * anything later.
   * @param wasBegun as for `EventInbox.receive`, for whom the messages are handed to directly
   */
  deliver(envelopes: readonly EventEnvelope[], wasBegun?: (index: number) => boolean): Promise<void>;
  /**
   * Resolves once everything that was delivered before, by any process, is in the inboxes that live here. Gives up
   * after a few seconds: what has arrived by then has arrived, ask again.
   */
  flush(): Promise<void>;
  /** Can it fetch what that carrier still has under way? */
  canFetch(carrier: string): boolean;
  /** Resolves once everything that another carrier had under way is in the inboxes that live here; gives up as `flush` does. */
  fetch(carrier: string): Promise<void>;
  /** What inboxes answer to `isOnDuty` has changed. */
  dutyChanged(): void;
  /** For readiness: a transport that cannot deliver at the moment is degraded, since events wait safely in the outbox. */
  health(): Health;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}
