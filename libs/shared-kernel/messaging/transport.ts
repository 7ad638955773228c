import type { EventEnvelope } from '../contract/index.js';
import type { Health } from '../observability/index.js';

/** A message that its carrier could not deliver in the ordinary way, and why. */
export interface Undeliverable {
  readonly text: string;
  readonly reason: string;
}

/** Where the events for one context arrive, whatever carried them. */
export interface EventInbox {
  readonly context: string;
  /** Wire names of the events this context handles. */
  readonly eventTypes: ReadonlySet<string>;
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
  /**
   * Called once, before the first `deliver`, with the inboxes that live in this process.
   * @throws BanyanError when a person has to change something before events can flow
   */
  start(inboxes: readonly EventInbox[]): Promise<void>;
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
  /** For readiness: a transport that cannot deliver at the moment is degraded, since events wait safely in the outbox. */
  health(): Health;
  /** Finishes what is under way. */
  stop(): Promise<void>;
}
