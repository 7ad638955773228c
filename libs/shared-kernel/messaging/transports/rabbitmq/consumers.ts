import type { ChannelModel, Message } from 'amqplib';
import { logger } from '../../../observability/index.js';
import type { EventInbox, Past, Refill } from '../../transport.js';
import { fromDeadQueue, fromLane } from './delivery.js';
import { Replay, lackOf } from './history.js';
import { Intake, type Source } from './intake.js';
import type { Lose, Session } from './link.js';
import { type Topology, areServed, existing } from './topology.js';

const log = logger('messaging');

/** What the consumers of a process need to know. */
export interface ConsumersParts {
  readonly topology: Topology;
  readonly inboxes: readonly EventInbox[];
  /** Were their queues just declared? Otherwise only those are consumed that there are. */
  readonly areDeclared: boolean;
  /** Tells whether a stream is whole. */
  readonly past: Past;
  /** Puts a marker at the end of the stream and tells its id. */
  readonly markEnd: () => Promise<string>;
  readonly answer: (marker: Message) => void;
}

/** The intakes of all contexts of a process, on one connection. */
export class Consumers implements Session {
  private readonly intakes = new Set<Intake>();
  private readonly turning = new Set<Promise<void>>();
  private isFinishing = false;

  private constructor(private readonly connection: ChannelModel, private readonly parts: ConsumersParts, private readonly lose: Lose) {}

  /**
   * Takes in from every queue of these contexts. A context whose read model is to be rebuilt gets the stream first, and
   * its lanes wait until that is read up to where it ended when reading began: order is that of the stream, then that
   * of the lanes, which hold all that came later.
   */
  static async open(connection: ChannelModel, parts: ConsumersParts, lose: Lose): Promise<Consumers> {
    const consumers = new Consumers(connection, parts, lose);
    const all = parts.inboxes.flatMap((it) => [...parts.topology.lanesOf(it.context), parts.topology.deadQueueOf(it.context)]);
    const there = parts.areDeclared ? new Set(all) : await existing(connection, all);
    for (const inbox of parts.inboxes) {
      const refill = await inbox.refill?.();
      if (refill) await consumers.refill(inbox, refill);
      else await consumers.takeIn(inbox, there);
    }
    return consumers;
  }

  async finish(): Promise<void> {
    this.isFinishing = true;
    await Promise.all(this.turning);
    await Promise.all([...this.intakes].map((it) => it.finish()));
  }

  private async takeIn(inbox: EventInbox, there: ReadonlySet<string> = new Set(this.queuesOf(inbox).map(({ queue }) => queue))): Promise<void> {
    const sources = this.queuesOf(inbox).filter(({ queue }) => there.has(queue));
    if (sources.length > 0) await this.open({ inbox, sources, answer: this.parts.answer });
  }

  private queuesOf({ context }: EventInbox): Source[] {
    const { topology } = this.parts;
    return [...topology.lanesOf(context).map((queue) => ({ queue, read: fromLane })), { queue: topology.deadQueueOf(context), read: fromDeadQueue }];
  }

  private async open(parts: Omit<Parameters<typeof Intake.open>[1], 'lose'>): Promise<Intake> {
    const intake = await Intake.open(this.connection, { ...parts, lose: this.lose });
    this.intakes.add(intake);
    return intake;
  }

  /** Resolves when reading has begun. The lanes are declared by then, so what the stream gets after its end marker is in them. */
  private async refill(inbox: EventInbox, refill: Refill): Promise<void> {
    const { topology, past, markEnd } = this.parts;
    const replay = new Replay({ topology, inbox, refill, end: await markEnd() });
    const lacks = await lackOf(this.connection, topology.stream, past);
    await refill.begin({ lacks, isServed: () => areServed(this.connection, topology.lanesOf(inbox.context)) });
    const { promise: reached, resolve } = Promise.withResolvers<void>();
    const source = { queue: topology.stream, read: replay.read, arguments: { 'x-stream-offset': 'first' } };
    const reading = await this.open({ inbox: replay.inbox, sources: [source], answer: () => resolve() });
    void reached.then(() => {
      const turning = this.turnToLanes(inbox, refill, replay, reading).catch((error: unknown) => {
        log.warn({ context: inbox.context, err: error }, 'The event stream was read, but the lanes could not be turned to; it is read again.');
        this.lose('The end of a rebuild could not be noted.');
      });
      this.turning.add(turning);
      return turning.finally(() => this.turning.delete(turning));
    });
  }

  private async turnToLanes(inbox: EventInbox, refill: Refill, { events, oldest }: Replay, reading: Intake): Promise<void> {
    if (this.isFinishing) return;
    this.intakes.delete(reading);
    await reading.finish();
    await refill.end();
    log.info({ context: inbox.context, events, oldest }, 'The read model is rebuilt. Start without REBUILD from now on: every start with it begins anew.');
    await this.takeIn(inbox);
  }
}
