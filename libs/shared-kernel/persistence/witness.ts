import type { EventEnvelope } from '../contract/index.js';

/** An event as it is stored: the payload is serialised at once, so that what changes later does not leak into it. */
export type AnnouncedEvent = Omit<EventEnvelope, 'payload'> & { readonly payload: string };

/** What came into a context. */
export interface Occasion {
  readonly kind: 'request' | 'command' | 'query' | 'event' | 'step';
  /** `POST /v1/payments/:id/refunds`, `payments.capture-payment`, `ordering.order-confirmed`, `checkout/confirm`. */
  readonly name: string;
  /** JSON: all that it takes to do it again, beside what an input pins. */
  readonly given: unknown;
}

/** How an input ended, in JSON values. */
export type Ending =
  | { readonly is: 'http'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  | { readonly is: 'returned'; readonly value: unknown }
  | { readonly is: 'refused'; readonly code: string; readonly message: string; readonly details: unknown };

/** Something that a context asks somebody outside of it. */
export interface Question {
  /** `CardProcessor.authorize` of a port, or `catalog.price-products` of another context. */
  readonly name: string;
  /** JSON. */
  readonly input: unknown;
}

/** An input that is looked at. */
export interface Watched {
  /** Where something has to be looked at before the input may do anything: waits for that. */
  readonly ready?: Promise<unknown>;
  /** Whatever the callback awaits belongs to the input. */
  within<T>(callback: () => T): T;
  ended(ending: Ending): void;
}

/**
 * Sees all that goes into a context and comes out of it: whoever writes it down in order to do it again, or does it again.
 * A context has none most of the time.
 */
export interface Witness {
  /** Asked before anything else: is anything looked at, at the moment? */
  readonly isWatching: boolean;
  /** An input begins, by itself or as one of several in the open transaction. @returns undefined when it is not looked at */
  begin(occasion: Occasion): Watched | undefined;
  /** Asks in the name of the input under way. */
  ask<T>(question: Question, ask: () => Promise<T>): Promise<T>;
  /** Before a transaction of the context begins; it begins when this resolves. */
  beforeTransaction(): Promise<void> | void;
  /** In the transaction that has just begun, before anything is done in it. */
  transactionBegan(): void;
  /** Does a statement that stands by itself belong to what is looked at? Then it gets a transaction. */
  readonly isInside: boolean;
  /** A statement was sent that stands by itself. */
  looked(): void;
  /** Events that leave with the open transaction. */
  announced(events: readonly AnnouncedEvent[]): void;
  /** Brings to an end what it has under way, before the database closes. */
  stop(): Promise<void>;
}

/** Runs an input under the eyes of the witness, if there is one that looks. @param refusalOf an error as it is written down */
export function witnessed<T>(witness: Witness | undefined, occasion: () => Occasion, work: () => Promise<T>, refusalOf: (error: unknown) => Ending): Promise<T> {
  const watched = witness?.isWatching ? witness.begin(occasion()) : undefined;
  return watched ? underEyes(watched, work, refusalOf) : work();
}

async function underEyes<T>(watched: Watched, work: () => Promise<T>, refusalOf: (error: unknown) => Ending): Promise<T> {
  await watched.ready;
  try {
    const value = await watched.within(work);
    watched.ended({ is: 'returned', value });
    return value;
  } catch (error) {
    watched.ended(refusalOf(error));
    throw error;
  }
}
