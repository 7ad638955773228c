import type { Contract } from '../contract/index.js';
import type { Database } from '../persistence/index.js';
import { Arrivals } from './arrivals.js';
import { Bypass } from './bypass.js';
import { Carriage } from './carriage.js';
import { type Duty, wholeDuty } from './duty.js';
import { Events } from './events.js';
import { type MessagingFigures, type StoredFigures, readFigures } from './figures.js';
import { FirstTry } from './first-try.js';
import { HandledStore } from './handled-store.js';
import { Handling } from './handling.js';
import { Inbox } from './inbox.js';
import { InboxStore } from './inbox-store.js';
import { LaneLocks } from './lane-locks.js';
import { LaneRun } from './lane-run.js';
import { LaneSettlement } from './lane-settlement.js';
import { LaneStore } from './lane-store.js';
import { LaneWorkers } from './lane-workers.js';
import { Lease } from './lease.js';
import { OutageGate } from './outage-gate.js';
import { idOf } from './message.js';
import { LogReader } from './log-reader.js';
import { Outbox } from './outbox.js';
import { Parking } from './parking.js';
import { Purge } from './purge.js';
import { type ReadModel, Rebuild } from './rebuild.js';
import { Relay } from './relay.js';
import { Rotation } from './rotation.js';
import type { MessagingSettings } from './settings.js';
import { type EventSubscription, Subscriptions } from './subscription.js';
import type { EventTransport } from './transport.js';

/** The context that a member of the bus stands for. */
export interface MemberParts {
  readonly database: Database;
  readonly contract: Contract;
  /** Which share of its work falls to this process; all of it when left out. */
  readonly duty?: Duty;
  /** Undefined: it has state that events alone cannot bring back. */
  readonly readModel?: ReadModel;
}

/** All that the bus runs for one context: its outbox's relay, its inbox's lanes. */
export class BusMember {
  readonly events: Events;
  readonly parking: Parking;
  readonly inbox: Inbox;
  private readonly database: Database;
  private readonly subscriptions = new Subscriptions();
  private readonly gate: OutageGate;
  private readonly lease: Lease;
  private readonly relay: Relay;
  private readonly carriage: Carriage;
  private readonly bypass: Bypass;
  private readonly workers: LaneWorkers;
  private readonly arrivals: Arrivals;
  private readonly purge: Purge;
  private readonly rotation: Rotation;
  /** Undefined where state is more than a read model. */
  readonly rebuild: Rebuild | undefined;

  constructor({ database, contract, readModel, duty = wholeDuty }: MemberParts, transport: EventTransport, holder: string, settings: MessagingSettings) {
    const context = contract.name;
    this.database = database;
    const outbox = new Outbox(database, settings.slotMs);
    this.lease = new Lease(database, holder, settings.leaseMs, settings.pollMs / 2);
    this.carriage = new Carriage(database, transport);
    this.bypass = new Bypass(database);
    this.relay = new Relay(context, new LogReader(database, settings.slotMs), this.lease, transport, this.carriage, duty, settings);
    this.events = new Events(database, contract, outbox, () => this.relay.wake());

    const store = new LaneStore(database);
    const locks = new LaneLocks(settings.workers);
    const handling = new Handling(context, database, this.subscriptions, settings.handlerMs);
    this.gate = new OutageGate(settings.longestPauseMs);
    const run = new LaneRun(database, store, handling, settings);
    const settlement = new LaneSettlement(context, database, store, settings);
    this.workers = new LaneWorkers(context, store, run, settlement, this.gate, locks, duty, settings);

    const handled = new HandledStore(database);
    const firstTry = new FirstTry(database, handled, handling);
    const { workers } = this;
    this.arrivals = new Arrivals(context, locks, firstTry, this.gate, {
      putOff: (events, begun) => this.inbox.putOff(events.map((it) => ({ ...it, begun }))),
      forgive: (events) => store.forgive(new Map(events.map((it) => [idOf(it), 0]))),
      get areQuiet() { return workers.areQuiet; },
    }, settings);
    this.rebuild = readModel && new Rebuild(database, this.lease, readModel, settings);
    this.inbox = new Inbox(
      context, this.subscriptions, new InboxStore(database), this.arrivals, duty, (lanes) => this.workers.wake(lanes), async () => this.rebuild?.due(),
    );
    this.parking = new Parking(context, database, (lane) => this.workers.wake([lane]));
    this.purge = new Purge(database, settings);
    this.rotation = new Rotation(database, handled, settings);
    duty.onChange(() => {
      this.relay.wake();
      this.workers.dutyChanged();
      transport.dutyChanged();
    });
  }

  subscribe(subscriptions: readonly EventSubscription[]): void {
    for (const subscription of subscriptions) this.subscriptions.add(subscription);
  }

  /** Before `start`. @throws EventsUnderWay when this process could never deliver for this context */
  async prepare(): Promise<void> {
    await this.carriage.check();
    await this.rotation.look();
    await this.rebuild?.look();
  }

  /** Says which database it is on: the same for all contexts that share one. */
  get databaseAddress(): string {
    return this.database.address;
  }

  /** @param watches is it the one of its database that looks who holds back cleaning? */
  start(watches: boolean): void {
    this.workers.start();
    this.relay.start();
    this.purge.start();
    this.rotation.start(watches);
  }

  async stop(): Promise<void> {
    await Promise.all([this.relay.stop(), this.workers.stop(), this.arrivals.stop(), this.purge.stop(), this.rotation.stop()]);
  }

  /** From here on, or up to here, its events go past any event stream. */
  noteBypass(): Promise<void> {
    return this.bypass.note();
  }

  /** When they last did, if ever. */
  bypassedAt(): Promise<Date | undefined> {
    return this.bypass.last();
  }

  storedFigures(): Promise<StoredFigures> {
    return readFigures(this.database);
  }

  async figures(): Promise<MessagingFigures> {
    const { announcedUpTo: _announced, receivedUpTo: _received, ...figures } = await this.storedFigures();
    return { context: this.database.context, paused: this.gate.paused, isLeader: this.lease.current !== undefined, ...figures };
  }
}
