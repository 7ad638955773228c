import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EventEnvelope } from '../../../contract/index.js';
import { type TestBroker, testBroker } from '../../../testing/plain.js';
import { type EventInbox, RabbitMqTransport } from '../../index.js';
import { until } from '../../test/until.js';

/** An inbox in memory that takes its time, or refuses. */
class SlowInbox implements EventInbox {
  readonly context = 'left';
  readonly eventTypes = new Set(['source.counted']);
  readonly isOnDuty = true;
  readonly begun: number[] = [];
  readonly stored: number[] = [];
  calls = 0;
  private gate: Promise<void> = Promise.resolve();
  private open: () => void = () => {};

  hold(): void {
    ({ promise: this.gate, resolve: this.open } = Promise.withResolvers<void>());
  }

  letGo(): void {
    this.open();
  }

  async receive(messages: readonly string[]): Promise<void> {
    this.calls += 1;
    const ns = messages.map((it) => (JSON.parse(it) as { data: { n: number } }).data.n);
    this.begun.push(...ns);
    await this.gate;
    this.stored.push(...ns);
  }

  async park(): Promise<void> {}
}

describe('a lane', () => {
  let broker: TestBroker;
  const running = new Set<RabbitMqTransport>();
  beforeEach(async () => { broker = await testBroker(); });
  afterEach(async () => {
    await Promise.all([...running].map((it) => it.stop()));
    running.clear();
    await broker.drop(['left']);
  });

  async function transport(inbox: EventInbox): Promise<RabbitMqTransport> {
    const started = new RabbitMqTransport(broker);
    running.add(started);
    await started.start([inbox]);
    return started;
  }

  const events = (from: number, to: number): EventEnvelope[] => Array.from({ length: to - from + 1 }, (_, at) => ({
    eventId: randomUUID(), eventType: 'source.counted', eventVersion: 1, occurredAt: '2026-11-20T12:00:00.000Z', aggregateType: 'counter', aggregateId: 'one key',
    correlationId: '', causationId: '', traceparent: '', payload: { n: from + at },
  }));
  const oneTo = (n: number): number[] => Array.from({ length: n }, (_, at) => at + 1);

  it('changes hands only when what was begun is stored, and goes on behind that', async () => {
    const [first, second] = [new SlowInbox(), new SlowInbox()];
    first.hold();
    const [one] = [await transport(first), await transport(second)];
    await one.deliver(events(1, 600));
    await until('the first one has begun', () => first.begun.length > 0);
    const stopping = one.stop();
    await (await transport(new SlowInbox())).deliver(events(601, 700));
    expect(second.begun).toEqual([]);
    first.letGo();
    await stopping;
    await until('the second one has the rest', () => second.stored.at(-1) === 700);
    expect([...first.stored, ...second.stored]).toEqual(oneTo(700));
  });

  it('is served by one process at a time, whoever publishes', async () => {
    const [first, second] = [new SlowInbox(), new SlowInbox()];
    const [one, other] = [await transport(first), await transport(second)];
    await one.deliver(events(1, 50));
    await other.deliver(events(51, 100));
    await other.flush();
    expect([[], oneTo(100)]).toEqual(expect.arrayContaining([first.stored, second.stored]));
  });

  it('is flushed when all that was delivered before is stored, in whichever process, and not before', async () => {
    const [first, second] = [new SlowInbox(), new SlowInbox()];
    first.hold();
    await transport(first);
    const other = await transport(second);
    await other.deliver(events(1, 10));
    await until('the first one has begun', () => first.begun.length > 0);
    let isFlushed = false;
    const flushing = other.flush().then(() => { isFlushed = true; return isFlushed; });
    await other.deliver(events(11, 20));
    expect(isFlushed).toBe(false);
    first.letGo();
    await flushing;
    expect(first.stored.slice(0, 10)).toEqual(oneTo(10));
  });

  it('gathers what waits into few batches', async () => {
    const inbox = new SlowInbox();
    inbox.hold();
    const one = await transport(inbox);
    await one.deliver(events(1, 250));
    inbox.letGo();
    await one.flush();
    expect(inbox.stored).toEqual(oneTo(250));
    expect(inbox.calls).toBeLessThan(50);
  });
});
