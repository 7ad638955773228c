import type { EventEnvelope } from '../../contract/index.js';
import type { Health } from '../../observability/index.js';
import { EventsUnderWay } from '../errors.js';
import { serialise } from '../message.js';
import type { EventInbox, EventTransport } from '../transport.js';

/** A transport that is only asked for what it still holds. */
type Former = Omit<EventTransport, 'start'> & { start(inboxes: readonly EventInbox[]): Promise<void> };

/**
 * Carries events to the inboxes of the same process. They are serialised all the same, so that moving a context to
 * another process changes nothing for its handlers. An event that nobody here listens to is delivered to no one.
 */
export class InProcessTransport implements EventTransport {
  readonly carrier = undefined;
  readonly reachesEveryone = true;
  private inboxes: readonly EventInbox[] | undefined;
  private fetching: Promise<void> | undefined;
  private trouble: string | undefined;

  /** @param former what may still have events of earlier runs under way; started only when an outbox remembers it */
  constructor(private readonly former?: Former) {}

  async start(inboxes: readonly EventInbox[]): Promise<void> {
    this.inboxes = inboxes;
  }

  /** @throws Error the first failure, after every inbox has answered: no inbox is still storing when the relay goes on */
  async deliver(envelopes: readonly EventEnvelope[], wasBegun: (index: number) => boolean = () => false): Promise<void> {
    const outcomes = await Promise.allSettled(this.started().map((inbox) => deliverTo(inbox, envelopes, wasBegun)));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') throw outcome.reason;
    }
  }

  async flush(): Promise<void> {}

  /** There is nobody else to leave messages to. */
  dutyChanged(): void {}

  canFetch(carrier: string): boolean {
    return this.former?.carrier === carrier;
  }

  /** Once it was needed, the former transport goes on fetching: another process may still deliver through it. */
  async fetch(carrier: string): Promise<void> {
    if (!this.former || !this.canFetch(carrier)) throw new EventsUnderWay(`Events may still be under way with "${carrier}", which this process cannot fetch them from.`);
    try {
      this.fetching ??= this.former.start(this.started()).catch((error: unknown) => {
        this.fetching = undefined;
        throw error;
      });
      await this.fetching;
      await this.former.flush();
      this.trouble = undefined;
    } catch (error) {
      this.trouble = error instanceof Error ? error.message : String(error);
      throw error;
    }
  }

  health(): Health {
    return this.trouble === undefined ? { is: 'up' } : { is: 'degraded', because: `Events that an earlier run left in a broker could not be fetched yet: ${this.trouble}` };
  }

  async stop(): Promise<void> {
    if (this.fetching) await this.former?.stop();
  }

  private started(): readonly EventInbox[] {
    if (!this.inboxes) throw new Error('The transport was not started: nobody could tell an event without subscribers from one that must not get lost.');
    return this.inboxes;
  }
}

async function deliverTo(inbox: EventInbox, envelopes: readonly EventEnvelope[], wasBegun: (index: number) => boolean): Promise<void> {
  const texts: string[] = [];
  const begun: boolean[] = [];
  for (const [index, envelope] of envelopes.entries()) {
    if (!inbox.eventTypes.has(envelope.eventType)) continue;
    texts.push(serialise(envelope));
    begun.push(wasBegun(index));
  }
  if (texts.length > 0) await inbox.receive(texts, (index) => begun[index] === true);
}
