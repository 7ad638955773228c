import { randomUUID } from 'node:crypto';
import { type Health, logger } from '../observability/index.js';
import { RebuildRefused } from './errors.js';
import type { Events } from './events.js';
import type { MessagingFigures, StoredFigures } from './figures.js';
import { BusMember, type MemberParts } from './member.js';
import type { Parking } from './parking.js';
import { defaultSettings, type MessagingSettings } from './settings.js';
import type { EventSubscription } from './subscription.js';
import type { EventTransport } from './transport.js';
import { InProcessTransport } from './transports/in-process.js';

const log = logger('messaging');

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
  join(member: MemberParts): ContextMessaging {
    this.requireJoining(member.contract.name);
    const joined = new BusMember(member, this.transport, this.holder, this.settings);
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
   * @throws EventsUnderWay, RebuildRefused, and what the transport's `start` throws: a person has to change something first
   */
  async start(): Promise<void> {
    this.requireJoining('start');
    await Promise.all(this.members.map((it) => it.prepare()));
    if (!this.transport.keepsHistory) this.refuseRebuilds('no event stream is kept. Start with EVENT_BUS=rabbitmq and EVENT_STREAM_DAYS');
    this.state = 'running';
    await this.transport.start(this.members.map((it) => it.inbox), { isEmpty: () => this.isNew(), bypassedAt: () => this.bypassedAt() });
    try {
      this.refuseRebuilds(`the event stream cannot be read: ${because(this.transport.health())} Start again when it can`);
    } catch (error) {
      await this.stop();
      throw error;
    }
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

  /** Whether events get through at the moment, and into which context only those of the past. */
  health(): Health {
    const health = this.transport.health();
    const rebuilt = this.members.filter((it) => it.rebuild?.state === 'reading').map((it) => it.inbox.context);
    if (health.is !== 'up' || rebuilt.length === 0) return health;
    return { is: 'degraded', because: `A read model is being rebuilt from the event stream and shows the past meanwhile: ${rebuilt.join(', ')}.` };
  }

  /** To be called after `start` and after `stop`: where events stay within the process, no event stream knows of them. */
  async noteBypass(): Promise<void> {
    if (this.transport.carrier !== undefined || this.state === 'joining') return;
    await Promise.all(this.members.map((it) => it.noteBypass())).catch((error: unknown) => {
      log.info({ err: error }, 'It could not be noted that events go past any event stream. Whoever rebuilds from one may not notice.');
    });
  }

  private refuseRebuilds(because: string): void {
    const due = this.members.filter((it) => it.rebuild?.state === 'due').map((it) => `"${it.inbox.context}"`);
    if (due.length > 0) throw new RebuildRefused(`The read model of ${due.join(', ')} is to be rebuilt, or a rebuild of it was not finished, but ${because}.`);
  }

  /** Positions are given out one by one: fewer unread ones than were given out means that some have left, or were rolled back. */
  private async isNew(): Promise<boolean> {
    return (await this.stored()).every(({ announcedUpTo, outbox }) => Number(announcedUpTo ?? 0) <= outbox);
  }

  private async bypassedAt(): Promise<number> {
    const times = await Promise.all(this.members.map((it) => it.bypassedAt()));
    return Math.max(...times.map((it) => it?.getTime() ?? 0), 0);
  }

  private stored(): Promise<StoredFigures[]> {
    return Promise.all(this.members.map((it) => it.storedFigures()));
  }

  private requireJoining(who: string): void {
    if (this.state !== 'joining') throw new Error(`The bus has started; ${who} comes too late. Contexts join and subscribe before start().`);
  }
}

function because(health: Health): string {
  return health.is === 'up' ? '' : health.because;
}
