/** Which parked events are meant; all conditions that are given must hold. */
export interface ParkedFilter {
  readonly eventType?: string | undefined;
  /** The ordering key: the events' aggregate id. */
  readonly key?: string | undefined;
  /** Part of the last error, in whatever case. */
  readonly error?: string | undefined;
  /** Parked at this instant or later. */
  readonly since?: Date | undefined;
  readonly ids?: readonly string[] | undefined;
}

/** An event that waits for an operator. */
export interface ParkedEvent {
  readonly context: string;
  readonly eventId: string;
  /** Null when the message cannot be read. */
  readonly eventType: string | null;
  readonly eventVersion: number | null;
  readonly key: string;
  readonly attempts: number;
  readonly error: string;
  readonly receivedAt: Date;
  readonly parkedAt: Date;
  /** Later events of the key that wait for this one, or for another parked one before them. */
  readonly behind: number;
  readonly place: ParkedPlace;
}

/** Where an event stands among the parked ones of all contexts, to read on from. */
export interface ParkedPlace {
  /** When it was parked, to the microsecond. */
  readonly at: string;
  readonly context: string;
  readonly position: number;
}

export type EventState = 'pending' | 'waiting' | 'parked' | 'done' | 'discarded';

/** One thing that happened to an event. */
export type Happening =
  | { readonly is: 'received'; readonly at: Date }
  | { readonly is: 'failed' | 'parked'; readonly at: Date; readonly attempt: number; readonly error: string; /** As often in a row, during an outage. */ readonly times: number }
  | { readonly is: 'redriven' | 'discarded'; readonly at: Date; readonly by: string; readonly reason: string }
  | { readonly is: 'handled'; readonly at: Date };

/** An event of an inbox and what became of it. */
export interface EventStory extends Omit<ParkedEvent, 'parkedAt' | 'place'> {
  readonly state: EventState;
  readonly parkedAt: Date | null;
  readonly aggregateType: string | null;
  readonly occurredAt: Date | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  readonly traceparent: string | null;
  /** Oldest first. */
  readonly history: readonly Happening[];
}

/** Who wants something changed, and why. Sent again with the same key it is not done again. */
export interface ParkingWish {
  readonly principalId: string;
  readonly idempotencyKey: string;
  /** Digest of all that is wanted: under the same key it must be the same. */
  readonly requestHash: string;
  readonly reason: string;
}

export interface RedriveOrder extends ParkingWish {
  readonly filter: ParkedFilter;
  /** How many events begin per second at most, those that wait behind the parked ones included. */
  readonly perSecond: number;
}

export interface RedriveOutcome {
  readonly keys: number;
  /** Parked events that run again. */
  readonly events: number;
  /** Events that run after them. */
  readonly behind: number;
  /** Messages that still cannot be read, and stay parked with all that comes after them. */
  readonly unreadable: number;
  /** Until the last key begins. */
  readonly seconds: number;
}

export interface DiscardOrder extends ParkingWish {
  readonly ids: readonly string[];
}

export interface DiscardOutcome {
  readonly events: number;
  /** Events that run now because nothing is in their way any more. */
  readonly behind: number;
}

/** What a change did, or had done when it was first asked for. */
export type Changed<Outcome> =
  | { readonly is: 'done'; readonly outcome: Outcome; readonly isReplay: boolean }
  /** The key was used for another wish. */
  | { readonly is: 'other-wish' };
