import { randomUUID } from 'node:crypto';
import type { Occasion } from '../../persistence/index.js';
import { jsonCopy } from '../../rpc/index.js';
import { requireInput, wallClock } from '../../runtime/index.js';
import type { TapedCall, TapedEvent, TapedInput } from './entry.js';

/** What was asked outside, and in which order; answers may come in another one. */
class Asking {
  calls: TapedCall[] = [];
  private asked = 0;

  nextCall(): number {
    this.asked += 1;
    return this.asked;
  }
}

/** One execution of an input, while it is under way. */
export class Recording extends Asking {
  readonly run = randomUUID();
  /** Transactions that were written down. */
  parts = 0;
  /** The snapshot at the beginning of what it saw last. */
  before: Promise<string | null> = Promise.resolve(null);

  private readonly started = wallClock.ticks();
  private askedMs = 0;
  /** Has it seen anything of the database? */
  hasLooked = false;

  constructor(readonly input: TapedInput, readonly isRead: boolean) {
    super();
  }

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
export class TransactionNotes extends Asking {
  /** Of the inputs that share it; none where it belongs to a recording. */
  readonly inputs: TapedInput[] = [];
  readonly events: TapedEvent[] = [];

  constructor(readonly recording: Recording | undefined) {
    super();
  }
}

/** The input under way, as it is written down: as it came in, whatever becomes of it while it is handled. */
export function inputNow({ kind, name, given }: Occasion): TapedInput {
  const { inputId, at, correlationId, causationId, traceparent, principal, tenant } = requireInput();
  return {
    occasion: { kind, name, given: jsonCopy(given) },
    pinned: {
      inputId, at, correlationId, causationId, traceparent,
      ...(principal && { principal: { id: principal.id, roles: [...principal.roles] } }), ...(tenant !== undefined && { tenant }),
    },
  };
}
