import type { ChannelModel, Message } from 'amqplib';
import type { EventInbox } from '../../transport.js';
import { Intake } from './intake.js';
import type { Lose, Session } from './link.js';
import { type Topology, existing } from './topology.js';

/** What the consumers of a process need to know. */
export interface ConsumersParts {
  readonly topology: Topology;
  readonly inboxes: readonly EventInbox[];
  /** Were their queues just declared? Otherwise only those are consumed that there are. */
  readonly areDeclared: boolean;
  readonly answer: (marker: Message) => void;
}

/** The intakes of all contexts of a process, on one connection. */
export class Consumers implements Session {
  private constructor(private readonly intakes: readonly Intake[]) {}

  /** Takes in from every queue of these contexts. */
  static async open(connection: ChannelModel, { topology, inboxes, areDeclared, answer }: ConsumersParts, lose: Lose): Promise<Consumers> {
    const wanted = inboxes.map((inbox) => ({ inbox, lanes: topology.lanesOf(inbox.context), deadQueue: topology.deadQueueOf(inbox.context) }));
    const all = wanted.flatMap((it) => [...it.lanes, it.deadQueue]);
    const there = areDeclared ? new Set(all) : await existing(connection, all);
    const intakes: Intake[] = [];
    for (const { inbox, lanes, deadQueue } of wanted) {
      const queues = { lanes: lanes.filter((it) => there.has(it)), deadQueue: there.has(deadQueue) ? deadQueue : undefined };
      if (queues.lanes.length > 0 || queues.deadQueue !== undefined) intakes.push(await Intake.open(connection, { inbox, ...queues, answer, lose }));
    }
    return new Consumers(intakes);
  }

  async finish(): Promise<void> {
    await Promise.all(this.intakes.map((it) => it.finish()));
  }
}
