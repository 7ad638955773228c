import { AsyncLocalStorage } from 'node:async_hooks';
import type { EventEnvelope } from '../contract/index.js';
import { type SpanFacts, logger, runTraced } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { deadlineIn, inputFromEvent, remainingMs } from '../runtime/index.js';
import { OutOfTime } from './retry.js';
import type { Subscriptions } from './subscription.js';

const log = logger('messaging');

/** Runs the handlers of a context's events, each event as one input. */
export class Handling {
  constructor(
    private readonly context: string,
    private readonly database: Database,
    private readonly subscriptions: Subscriptions,
    private readonly handlerMs: number,
  ) {}

  /**
   * Runs every handler of the event inside of the open transaction.
   * @param at the first arrival by the database's clock: redelivered or tried again, an event is handled at this instant
   * @throws Unreadable, OutOfTime, and what handlers throw
   */
  handle(envelope: EventEnvelope, at: Date): Promise<void> {
    const seed = {
      inputId: inputFromEvent(envelope.eventId, this.context),
      at,
      correlationId: envelope.correlationId,
      causationId: envelope.eventId,
      traceparent: envelope.traceparent,
      context: this.context,
      deadline: deadlineIn(this.handlerMs),
    };
    return runTraced(seed, handlingOf, envelope, async () => {
      const { witness } = this.database;
      const watched = witness?.isWatching ? witness.begin({ kind: 'event', name: envelope.eventType, given: envelope }) : undefined;
      await this.inTime(this.subscriptions.handle(envelope));
      watched?.ended({ is: 'returned', value: undefined });
      const { eventId, eventType, aggregateId } = envelope;
      // Bound, so that the line carries this event's correlation and not that of whoever commits.
      this.database.afterCommit(AsyncLocalStorage.bind(() => log.info({ eventId, eventType, aggregateId }, 'Event handled.')));
    });
  }

  /** Whatever a handler fails with once its time is over, it failed by taking too long. */
  private async inTime(handling: Promise<void>): Promise<void> {
    try {
      await handling;
    } catch (error) {
      if (remainingMs() > 0) throw error;
      throw new OutOfTime(`The handler was not done after ${this.handlerMs} ms.`, { cause: error });
    }
  }
}

function handlingOf({ eventId, eventType }: EventEnvelope): SpanFacts {
  return {
    kind: 'consumer', name: `process ${eventType}`,
    attributes: { 'messaging.system': 'banyan', 'messaging.operation.type': 'process', 'messaging.destination.name': eventType, 'messaging.message.id': eventId },
  };
}
