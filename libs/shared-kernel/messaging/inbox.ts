import type { Arrivals } from './arrivals.js';
import { type Duty, handlesAny } from './duty.js';
import type { InboxStore, ToStore } from './inbox-store.js';
import { laneOf } from './key.js';
import { type ReceivedEvent, type ReceivedMessage, idOf, keyOf, parkedMessage, readMessage } from './message.js';
import type { Subscriptions } from './subscription.js';
import type { EventInbox, Refill, Undeliverable } from './transport.js';

/**
 * Where events arrive in the consuming context's own schema. What is known is skipped, by the event's id.
 *
 * Most events are handled on the spot (`Arrivals`) and leave nothing behind but the note that they were. Into the table
 * go the others: what nobody can read, what another process handles, what may have killed one before, and what is put off.
 */
export class Inbox implements EventInbox {
  /**
   * @param arrived called after the commit, with the lanes that have something new
   * @param refill as in `EventInbox`
   */
  constructor(
    readonly context: string,
    private readonly subscriptions: Subscriptions,
    private readonly store: InboxStore,
    private readonly arrivals: Pick<Arrivals, 'take'>,
    private readonly duty: Duty,
    private readonly arrived: (lanes: readonly number[]) => void,
    readonly refill: () => Promise<Refill | undefined> = async () => undefined,
  ) {}

  get eventTypes(): ReadonlySet<string> {
    return this.subscriptions.eventTypes;
  }

  get isOnDuty(): boolean {
    return handlesAny(this.duty);
  }

  async receive(messages: readonly string[], wasBegun: (index: number) => boolean = () => false): Promise<void> {
    const { now, later } = this.sort(messages.map(readMessage), wasBegun);
    if (now.length > 0) await this.arrivals.take(now);
    if (later.length > 0) await this.putOff(later);
  }

  /** Stores messages for the lanes. */
  async putOff(messages: readonly ToStore[]): Promise<void> {
    await this.store.store(messages);
    this.arrived([...new Set(messages.map((it) => laneOf(keyOf(it))))]);
  }

  async park(messages: readonly Undeliverable[]): Promise<void> {
    const parked = messages.map((it) => parkedMessage(it.text, it.reason));
    const known = await this.store.known(parked.flatMap((it) => (it.eventId === undefined ? [] : [it.eventId])));
    const fresh = parked.filter((it) => it.eventId === undefined || !known.has(it.eventId.toLowerCase()));
    if (fresh.length > 0) await this.store.store(fresh.map((it) => it.message));
  }

  /** What comes after a message of its key that is stored is stored as well, behind it. */
  private sort(messages: readonly ReceivedMessage[], wasBegun: (index: number) => boolean): { now: ReceivedEvent[]; later: ToStore[] } {
    const now = new Map<string, ReceivedEvent>();
    const later: ToStore[] = [];
    const keys = new Set<string>();
    for (const [index, message] of messages.entries()) {
      const begun = wasBegun(index);
      if (begun || !this.isForNow(message) || keys.has(keyOf(message))) {
        keys.add(keyOf(message));
        later.push({ ...message, begun });
      } else if (!now.has(idOf(message))) {
        now.set(idOf(message), message);
      }
    }
    return { now: [...now.values()], later };
  }

  private isForNow(message: ReceivedMessage): message is ReceivedEvent {
    if (message.is !== 'event' || !this.eventTypes.has(message.envelope.eventType) || keyOf(message).includes('\0')) return false;
    return this.duty.handles(laneOf(keyOf(message)));
  }
}
