import { randomUUID } from 'node:crypto';
import type { Occasion } from '../../persistence/index.js';
import { requireInput, wallClock } from '../../runtime/index.js';
import type { TapedCall, TapedEvent, TapedInput } from './entry.js';

/** One execution of an input, while it is under way. */
export class Recording {
  readonly run = randomUUID();
  /** Transactions that were written down. */
  parts = 0;
  calls: TapedCall[] = [];
  /** The snapshot at the beginning of what it saw last. */
  before: Promise<string | null> = Promise.resolve(null);

  private readonly started = wallClock.ticks();
  private askedMs = 0;
  /** Has it seen anything of the database? */
  hasLooked = false;

  constructor(readonly input: TapedInput, readonly isRead: boolean) {}

  /** Somebody outside was asked for so long, in milliseconds. */
  waited(ms: number): void {
    this.askedMs += ms;
  }

  /** Its own time until now, in milliseconds. */
  get ownMs(): number {
    return wallClock.ticks() - this.started - this.askedMs;
  }
}

/** What is to be written down of one transaction. */
export class TransactionNotes {
  /** Of the inputs that share it; none where it belongs to a recording. */
  readonly inputs: TapedInput[] = [];
  readonly events: TapedEvent[] = [];

  constructor(readonly recording: Recording | undefined) {}
}

/** The input under way, as it is written down. */
export function inputNow({ kind, name, given }: Occasion): TapedInput {
  const { inputId, at, correlationId, causationId, traceparent, principal, tenant } = requireInput();
  return {
    occasion: { kind, name, given },
    pinned: {
      inputId, at, correlationId, causationId, traceparent,
      ...(principal && { principal: { id: principal.id, roles: [...principal.roles] } }), ...(tenant !== undefined && { tenant }),
    },
  };
}
