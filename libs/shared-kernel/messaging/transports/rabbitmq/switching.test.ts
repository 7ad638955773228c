import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runInput } from '../../../runtime/index.js';
import { type TestBroker, testBroker } from '../../../testing/plain.js';
import { oneTo } from '../../test/behaviour/stage.js';
import { EventsUnderWay, InProcessTransport, RabbitMqTransport } from '../../index.js';
import { contextNames, counted } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import type { Instance } from '../../test/instance.js';
import { until } from '../../test/until.js';

const KEYS = 40;
const settings = { laneBatch: 64, relayBatch: 250, workers: 4 };
/** One context listens: what a second one would do is the same again. */
const subscriptions = { right: () => [] };

describe('switching EVENT_BUS with events in flight', () => {
  let house: House;
  let broker: TestBroker;
  let steps: number;
  beforeEach(async () => {
    [house, broker] = await Promise.all([House.open(), testBroker()]);
    steps = 0;
  });
  afterEach(async () => {
    await house.close();
    await broker.drop(contextNames);
  });

  const overRabbitMq = () => new RabbitMqTransport({ ...broker, hostsAllListeners: true });
  const inProcess = () => new InProcessTransport(RabbitMqTransport.toDrain(broker));
  const idle = (instance: Instance) => until('the bus is idle', () => instance.bus.idle().catch(() => false), 50_000);

  /** Announces so many more steps of every key, many events to a transaction. */
  async function announce({ databases: { source }, messaging }: Instance, more: number): Promise<void> {
    for (const end = steps + more; steps < end; steps += 10) {
      const from = steps;
      await runInput({}, () => source.transaction(async () => {
        for (let n = from + 1; n <= from + 10; n += 1) for (let key = 0; key < KEYS; key += 1) messaging.source.events.announce(counted({ key: `k${key}`, n }));
      }));
    }
  }

  /** Every step of every key, in order. */
  const announced = (): Record<string, number[]> => Object.fromEntries(Array.from({ length: KEYS }, (_, key) => [`k${key}`, oneTo(steps)]));

  const carrier = async () => (await house.look<{ carrier: string }>('source', 'SELECT carrier FROM relay_lease'))[0]?.carrier;

  it('from rabbitmq to in-process: 10,000 of them, some in queues and some in the outbox, and later ones overtake none', async () => {
    const first = await house.instance({ settings, subscriptions, transport: overRabbitMq() });
    await first.stop();
    // It publishes, and nobody takes anything out of the queues.
    const publishing = await house.instance({ settings, subscriptions, hosts: ['source'], transport: new RabbitMqTransport(broker) });
    await announce(publishing, 125);
    await until('these are in queues', async () => (await outbox()) === 0);
    await stopWithMore(publishing, 125);
    expect(await outbox()).toBeGreaterThan(0);
    expect(await carrier()).toBe('rabbitmq');

    const after = await house.instance({ settings, subscriptions, transport: inProcess() });
    await announce(after, 20);
    await idle(after);
    expect(await house.heard('left')).toEqual(announced());
    expect(await carrier()).toBe('');
    await after.stop();
  });

  it('from in-process to rabbitmq: 10,000 of them, some in the outbox and some in inboxes', async () => {
    const before = await house.instance({ settings, subscriptions, transport: inProcess() });
    await announce(before, 125);
    await until('some are handled', async () => ((await house.statuses('left'))['done'] ?? 0) > 500);
    await stopWithMore(before, 125);
    expect(await outbox()).toBeGreaterThan(0);

    const after = await house.instance({ settings, subscriptions, transport: overRabbitMq() });
    await announce(after, 20);
    await idle(after);
    expect(await carrier()).toBe('rabbitmq');
    expect(await house.heard('left')).toEqual(announced());
    await after.stop();
  });

  it('back and forth while copies of both kinds run at the same time', async () => {
    let old = await house.instance({ settings, subscriptions, transport: overRabbitMq() });
    for (let turn = 0; turn < 6; turn += 1) {
      const young: Instance = await house.instance({ settings, subscriptions, transport: turn % 2 === 0 ? inProcess() : overRabbitMq() });
      await Promise.all([announce(young, 10).then(() => announce(young, 10)), old.stop()]);
      old = young;
    }
    await idle(old);
    expect(await house.heard('left')).toEqual(announced());
    await old.stop();
  });

  it('needs no broker any more once the app has stopped with its queues empty', async () => {
    const before = await house.instance({ settings, subscriptions, transport: overRabbitMq() });
    await announce(before, 10);
    await idle(before);
    expect(await carrier()).toBe('rabbitmq');
    await before.stop();
    const after = await house.instance({ settings, subscriptions, transport: new InProcessTransport() });
    await announce(after, 10);
    await idle(after);
    expect(await house.heard('left')).toEqual(announced());
    await after.stop();
  });

  it('refuses to start in process when events may be in RabbitMQ and nobody says where it is', async () => {
    const before = await house.instance({ settings, subscriptions, transport: overRabbitMq() });
    await announce(before, 10);
    await idle(before);
    await house.look('source', `UPDATE relay_lease SET carrier = 'rabbitmq'`);
    await before.databases.source.close(); // as if it had died: it can put nothing down
    await expect(house.instance({ transport: new InProcessTransport() })).rejects.toThrow(EventsUnderWay);
    await expect(house.instance({ transport: new InProcessTransport() })).rejects.toThrow('Start with EVENT_BUS=rabbitmq again');
  });

  /** Announces that many more steps while the relay can note nothing, and stops: it may get one batch off, and no more. */
  async function stopWithMore(instance: Instance, more: number): Promise<void> {
    const aside = await house.database('source');
    const stopped = await aside.transaction(async () => {
      await aside.query('SELECT FROM relay_lease FOR UPDATE');
      await announce(instance, more);
      return { stopping: instance.stop() };
    });
    await stopped.stopping;
  }

  async function outbox(): Promise<number> {
    return (await house.look<{ left: number }>('source', 'SELECT count(*)::integer AS left FROM outbox_unread'))[0]?.left ?? 0;
  }
});
