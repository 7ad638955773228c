import type { ChannelModel } from 'amqplib';
import type { EventEnvelope } from '../../../contract/index.js';
import type { Health } from '../../../observability/index.js';
import { EventsUnderWay } from '../../errors.js';
import type { EventInbox, EventTransport, Past } from '../../transport.js';
import { Consumers } from './consumers.js';
import { BrokerAway } from './errors.js';
import { Link, type Lose } from './link.js';
import { Publisher } from './publisher.js';
import { CONFIRM_MS, FLUSH_MS, NAMESPACE, READY_MS, type RabbitMqSettings } from './settings.js';
import { Topology } from './topology.js';

/** The name by which outboxes remember this transport, and the value of EVENT_BUS. */
const CARRIER = 'rabbitmq';

/** Whoever does not tell gets no stream that claims to be whole. */
const unknownPast: Past = { isEmpty: async () => false, bypassedAt: async () => 0 };

/**
 * Carries events through RabbitMQ: published as CloudEvents to one topic exchange, from there into the lanes of every
 * subscribed context, and from the lanes into its inbox.
 *
 * Publishing and consuming have a connection each, for a broker that runs out of memory or disk stops reading from
 * connections that publish, and what helps it then is that messages are consumed. While the broker is away or takes
 * nothing, deliveries fail, events wait in their outboxes, and `health` is degraded; nothing else stops.
 *
 * Several processes with the same contexts share the queues: each lane is taken in by one of them at a time, and what
 * is in the inbox is handled by all of them.
 */
export class RabbitMqTransport implements EventTransport {
  readonly carrier = CARRIER;
  readonly reachesEveryone: boolean;
  readonly keepsHistory: boolean;
  private readonly confirmMs: number;
  private readonly topology: Topology;
  private readonly publishing: Link<Publisher>;
  private readonly consuming: Link<Consumers>;
  private inboxes: readonly EventInbox[] = [];
  private past: Past = unknownPast;

  constructor(settings: RabbitMqSettings, private readonly mode: 'carry' | 'drain' = 'carry') {
    const { url, namespace = NAMESPACE, connectionName = namespace, hostsAllListeners = false, streamDays, confirmMs = CONFIRM_MS } = settings;
    this.confirmMs = confirmMs;
    this.reachesEveryone = hostsAllListeners;
    this.topology = new Topology(namespace, streamDays);
    this.keepsHistory = mode === 'carry' && streamDays !== undefined;
    this.publishing = new Link(`${connectionName} publishing`, url, (connection, lose) => this.openPublisher(connection, lose));
    this.consuming = new Link(`${connectionName} consuming`, url, (connection, lose) => this.openConsumers(connection, lose));
  }

  /** A transport that only fetches what earlier runs left in the broker: it declares nothing and publishes no events. */
  static toDrain(settings: RabbitMqSettings): RabbitMqTransport {
    return new RabbitMqTransport(settings, 'drain');
  }

  /**
   * Connects and declares the topology. A broker that is away does not keep the app from starting.
   * @throws TopologyDrift, BrokerRefuses, BrokerCannotConfirm
   */
  async start(inboxes: readonly EventInbox[], past: Past = unknownPast): Promise<void> {
    this.inboxes = inboxes;
    this.past = past;
    await this.publishing.start();
    try {
      await this.consuming.start();
    } catch (error) {
      await this.publishing.stop();
      throw error;
    }
  }

  async deliver(envelopes: readonly EventEnvelope[]): Promise<void> {
    if (this.mode === 'drain') throw new EventsUnderWay('This transport only fetches what is left in RabbitMQ; it delivers nothing.');
    const publisher = await this.publishing.session(READY_MS);
    await publisher.publish(envelopes);
  }

  async flush(): Promise<void> {
    const publisher = await this.publishing.session(READY_MS);
    if (!this.consuming.current) throw new BrokerAway('RabbitMQ cannot be consumed from at the moment.');
    try {
      await publisher.flush(this.served.flatMap((it) => this.topology.lanesOf(it.context)), FLUSH_MS);
    } catch (error) {
      if (this.mode === 'drain') this.consuming.renew('Looks for lanes that were declared since.');
      throw error;
    }
  }

  /** Hands lanes over as a stop does, and takes up those that fall to this process now. */
  dutyChanged(): void {
    const leaving = this.consuming.current;
    if (leaving) void leaving.finish().finally(() => this.consuming.renew('Other lanes fall to this process now.'));
  }

  canFetch(carrier: string): boolean {
    return carrier === CARRIER;
  }

  async fetch(carrier: string): Promise<void> {
    if (!this.canFetch(carrier)) throw new EventsUnderWay(`Events may still be under way with "${carrier}", which this process cannot fetch them from.`);
    await this.flush();
  }

  health(): Health {
    const blocked = this.publishing.current?.blocked;
    if (blocked !== undefined) return { is: 'degraded', because: `RabbitMQ takes no events at the moment: ${blocked}` };
    const publishing = this.publishing.health();
    return publishing.is === 'up' ? this.consuming.health() : publishing;
  }

  /** Consumers end first, so that what they store can still be answered for; then confirms are waited for. */
  async stop(): Promise<void> {
    await this.consuming.stop();
    await this.publishing.stop();
  }

  /** Contexts that have lanes; one that no longer listens may have left some. */
  private get served(): readonly EventInbox[] {
    return this.inboxes.filter((it) => this.mode === 'drain' || it.eventTypes.size > 0);
  }

  private async openPublisher(connection: ChannelModel, lose: Lose): Promise<Publisher> {
    await this.declare(connection, this.past);
    const isWanted = (eventType: string): boolean => this.inboxes.some((it) => it.eventTypes.has(eventType));
    return Publisher.open(connection, { topology: this.topology, isWanted, confirmMs: this.confirmMs }, lose);
  }

  private async openConsumers(connection: ChannelModel, lose: Lose): Promise<Consumers> {
    await this.declare(connection);
    const markEnd = async (): Promise<string> => (await this.publishing.session(READY_MS)).mark(this.topology.stream);
    const answer = (marker: Parameters<Publisher['answer']>[0]): void => this.publishing.current?.answer(marker);
    const inboxes = this.served.filter((it) => it.isOnDuty);
    return Consumers.open(connection, { topology: this.topology, inboxes, areDeclared: this.mode === 'carry', past: this.past, markEnd, answer }, lose);
  }

  /** On every connection, since a broker may come back without its data: nothing is published before queues are there. */
  private async declare(connection: ChannelModel, past?: Past): Promise<void> {
    if (this.mode === 'carry') await this.topology.declare(connection, this.served, past);
  }
}
