import { randomUUID } from 'node:crypto';
import type { Contract } from '../contract/index.js';
import type { Health } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import type { Events } from './events.js';
import type { MessagingFigures, StoredFigures } from './figures.js';
import { BusMember } from './member.js';
import type { Parking } from './parking.js';
import { defaultSettings, type MessagingSettings } from './settings.js';
import type { EventSubscription } from './subscription.js';
import type { EventTransport } from './transport.js';
import { InProcessTransport } from './transports/in-process.js';

/** A context that takes part. */
export interface Member {
  readonly database: Database;
  readonly contract: Contract;
}

/** The bus as one context sees it. */
export interface ContextMessaging {
  /** To be injected into the context's own classes. */
  readonly events: Events;
  readonly parking: Parking;
  /** Before `start`: what the context's handlers listen to. */
  subscribe(subscriptions: readonly EventSubscription[]): void;
  /** One cheap statement. @throws DatabaseAway and others of its own context; those of the rest are not asked */
  figures(): Promise<MessagingFigures>;
}

/**
 * The bus of one app: knows every context that lives in this process. Everything that must survive the process is in
 * the contexts' schemas; several processes with the same contexts share the work.
 */
export class MessageBus {
  private readonly settings: MessagingSettings;
  private readonly holder = randomUUID();
  private readonly members: BusMember[] = [];
  private state: 'joining' | 'running' | 'stopped' = 'joining';

  constructor(settings: Partial<MessagingSettings> = {}, private readonly transport: EventTransport = new InProcessTransport()) {
    this.settings = { ...defaultSettings, ...settings };
  }

  /**
   * Lets a context take part, when its database is open; its handlers may come later, through `subscribe`.
   * @throws Error after `start`
   */
  join(member: Member): ContextMessaging {
    this.requireJoining(member.contract.name);
    const joined = new BusMember(member.database, member.contract, this.transport, this.holder, this.settings);
    this.members.push(joined);
    return {
      events: joined.events,
      parking: joined.parking,
      subscribe: (subscriptions) => {
        this.requireJoining(member.contract.name);
        joined.subscribe(subscriptions);
      },
      figures: () => joined.figures(),
    };
  }

  /**
   * Starts relays and lanes of every context that joined.
   * @throws EventsUnderWay, and what the transport's `start` throws: a person has to change something first
   */
  async start(): Promise<void> {
    this.requireJoining('start');
    await Promise.all(this.members.map((it) => it.prepare()));
    this.state = 'running';
    await this.transport.start(this.members.map((it) => it.inbox));
    const watching = new Set(new Map(this.members.map((it) => [it.databaseAddress, it])).values());
    for (const member of this.members) member.start(watching.has(member));
  }

  /** Drains: finishes the batches under way, takes nothing new, gives up its leases. Call before the databases close. */
  async stop(): Promise<void> {
    if (this.state !== 'running') return;
    this.state = 'stopped';
    await Promise.all(this.members.map((it) => it.stop()));
    await this.transport.stop();
  }

  /**
   * True when nothing will happen by itself any more: outboxes empty, no event under way, ready or waiting for another
   * try. (What is parked waits for an operator.) Looks twice, since an event on its way from one context to the next could
   * slip past a single look; equal position counters say that none has moved in between.
   */
  async idle(): Promise<boolean> {
    const before = await this.stored();
    if (before.some((it) => it.outbox + it.ready + it.waiting > 0)) return false;
    if (!(await this.transport.flush().then(() => true, () => false))) return false;
    const after = await this.stored();
    return after.every((it, at) => it.outbox + it.ready + it.waiting === 0
      && it.announcedUpTo === before[at]?.announcedUpTo && it.receivedUpTo === before[at]?.receivedUpTo);
  }

  /** For readiness detail, metrics and the console; one cheap statement per context. */
  async figures(): Promise<MessagingFigures[]> {
    return Promise.all(this.members.map((it) => it.figures()));
  }

  /** Whether events get through at the moment. */
  health(): Health {
    return this.transport.health();
  }

  private stored(): Promise<StoredFigures[]> {
    return Promise.all(this.members.map((it) => it.storedFigures()));
  }

  private requireJoining(who: string): void {
    if (this.state !== 'joining') throw new Error(`The bus has started; ${who} comes too late. Contexts join and subscribe before start().`);
  }
}
