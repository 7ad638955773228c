import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { TcpProxy, type TestBroker, testBroker } from '../../../testing/plain.js';
import { HistoryIncomplete, InProcessTransport, RabbitMqTransport, RebuildRefused, RebuildUnderWay } from '../../index.js';
import { oneTo } from '../../test/behaviour/stage.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import { type Instance, type InstanceOptions, mortal } from '../../test/instance.js';
import { discard } from '../../test/operator.js';
import { until } from '../../test/until.js';
import { Topology } from './topology.js';

const KEYS = 12;
const rebuild = { acceptsPartial: false };

describe('a read model rebuilt from the event stream', () => {
  let house: House;
  let broker: TestBroker;
  let proxy: TcpProxy;
  beforeEach(async () => {
    [house, broker] = await Promise.all([House.open(), testBroker()]);
    proxy = await TcpProxy.to(Number(new URL(broker.url).port || 5672));
  });
  afterEach(async () => {
    await house.close();
    await proxy.stop();
    await broker.drop(contextNames);
  });

  const streaming = (url = broker.url) => new RabbitMqTransport({ ...broker, url, streamDays: 7 });
  const start = (options: InstanceOptions = {}) => house.instance({ transport: streaming(), ...options });
  const idle = (instance: Instance) => until('the bus is idle', () => instance.bus.idle().catch(() => false), 60_000);
  const isUnderWay = async () => (await house.look('left', 'SELECT FROM rebuild')).length > 0;

  async function countAll(instance: Instance, times = 1): Promise<void> {
    for (let time = 0; time < times; time += 1) await Promise.all(Array.from({ length: KEYS }, (_, key) => instance.count(`k${key}`)));
  }

  /** Every step that was counted, of every key, in order. */
  async function counted(): Promise<Record<string, number[]>> {
    const counters = await house.look<{ key: string; n: number }>('source', 'SELECT key, n FROM counter');
    return Object.fromEntries(counters.map(({ key, n }) => [key, oneTo(n)]));
  }

  /** An app that has lived for a while and has stopped; what "left" keeps is wrong since. */
  async function aDamagedPast(times = 10): Promise<void> {
    const app = await start();
    await countAll(app, times);
    await idle(app);
    await app.stop();
    await house.look('left', `DELETE FROM heard WHERE n % 3 = 0`);
    await house.look('left', `UPDATE heard SET n = n + 100 WHERE key = 'k1'`);
  }

  it('equals what was there, with nothing doubled and every key in order, while events go on arriving', async () => {
    await aDamagedPast();
    const elsewhere = await start({ hosts: ['source'] });
    await countAll(elsewhere, 5);
    await until('these are in the lanes', async () => (await house.look('source', 'SELECT FROM outbox_unread')).length === 0);
    const app = await start({ rebuild });
    await countAll(app, 10);
    await idle(app);
    expect(await house.heard('left')).toEqual(await counted());
    expect(await house.heard('right')).toEqual(await counted());
    expect(await isUnderWay()).toBe(false);
    expect(app.bus.health()).toEqual({ is: 'up' });
  }, 60_000);

  it('is the whole history for a context that comes later', async () => {
    const before = await start({ hosts: ['source'] });
    await countAll(before, 5);
    await until('the events have left', async () => (await house.look('source', 'SELECT FROM outbox_unread')).length === 0);
    const app = await start({ hosts: ['left'], rebuild });
    await countAll(before, 5);
    await Promise.all([idle(before), idle(app)]);
    await until('left has caught up', async () => Object.values(await house.heard('left')).flat().length === 10 * KEYS);
    expect(await house.heard('left')).toEqual(await counted());
  }, 60_000);

  it('goes on from the beginning of the stream when its connection is cut, and doubles nothing', async () => {
    await aDamagedPast(40);
    const app = await house.instance({ transport: streaming(proxy.through(broker.url)), rebuild });
    await until('some of it is there', async () => Object.keys(await house.heard('left')).length > 0);
    proxy.cut();
    await countAll(app, 2);
    await idle(app);
    expect(await house.heard('left')).toEqual(await counted());
    expect(await isUnderWay()).toBe(false);
  }, 60_000);

  it('has an event parked whose handler fails, and goes on with the rest', async () => {
    await aDamagedPast(3);
    const fails = ({ key }: { key: string }) => { if (key === 'k2') throw new Error('not this one'); };
    const app = await start({ rebuild, settings: { attempts: 2 }, before: (heard, _envelope, context) => { if (context === 'left') fails(heard); } });
    await until('it is parked', async () => (await house.statuses('left'))['parked'] === 1);
    await idle(app);
    const { k2: _parked, ...rest } = await counted();
    expect(await house.heard('left')).toEqual(rest);
  }, 60_000);

  describe('is refused, with nothing changed,', () => {
    it('where no stream is kept', async () => {
      await aDamagedPast(1);
      await expect(house.instance({ rebuild, transport: new InProcessTransport(RabbitMqTransport.toDrain(broker)) })).rejects.toThrow(RebuildRefused);
      await expect(house.instance({ rebuild, transport: new RabbitMqTransport(broker) })).rejects.toThrow('Start with EVENT_BUS=rabbitmq and EVENT_STREAM_DAYS');
      expect(await house.heard('left')).not.toEqual({});
    });

    it('while RabbitMQ is away', async () => {
      await aDamagedPast(1);
      proxy.close();
      await expect(house.instance({ rebuild, transport: streaming(proxy.through(broker.url)) })).rejects.toThrow('RabbitMQ cannot be reached. Start again when it can.');
    });

    it('while another process serves the context', async () => {
      const app = await start();
      await countAll(app);
      await idle(app);
      await expect(start({ rebuild, settings: mortal })).rejects.toThrow('another process serves it. Stop every process that has this context');
      await countAll(app);
      await idle(app);
      expect(await house.heard('left')).toEqual(await counted());
    });

    it('while somebody has its tables in use', async () => {
      await aDamagedPast(1);
      const aside = await house.database('left');
      await aside.transaction(async () => {
        await aside.query('LOCK TABLE heard IN ACCESS SHARE MODE');
        await expect(start({ rebuild, settings: { rebuildLockMs: 300 } })).rejects.toThrow('somebody has its tables in use for more than 300 ms. End that transaction. Nothing was changed.');
      });
      expect(await house.heard('left')).not.toEqual({});
    }, 60_000);

    it('while events are parked; discarded, they are handled from the stream', async () => {
      const failing = await start({ settings: { attempts: 1 }, before: ({ key, n }, _envelope, context) => { if (context === 'left' && key === 'k1' && n === 2) throw new Error('a defect'); } });
      await countAll(failing, 3);
      await until('it is parked', async () => (await house.statuses('left'))['parked'] === 1);
      await idle(failing);
      await failing.stop();
      await expect(start({ rebuild })).rejects.toThrow('events in its inbox that wait for an operator: 1.');

      const mended = await start();
      const parked = await mended.messaging.left.parking.list();
      await discard(mended, parked.map((it) => it.eventId));
      await idle(mended);
      await mended.stop();
      const app = await start({ rebuild });
      await idle(app);
      expect(await house.heard('left')).toEqual(await counted());
    }, 60_000);

    it('when events were announced before there was a stream, unless that is accepted', async () => {
      const before = await house.instance({ transport: new RabbitMqTransport(broker) });
      await countAll(before, 2);
      await idle(before);
      await before.stop();
      const streams = await start();
      await countAll(streams, 2);
      await idle(streams);
      await streams.stop();
      await expect(start({ rebuild })).rejects.toThrow(HistoryIncomplete);
      await expect(start({ rebuild })).rejects.toThrow(/began at \d{4}-.*, and events had been announced before that\. Nothing was changed\. To do without that, start with REBUILD_PARTIAL=accept\./);
      const app = await start({ rebuild: { acceptsPartial: true } });
      await idle(app);
      expect((await house.heard('left'))['k1']).toEqual([3, 4]);
    }, 60_000);
  });

  it('is refused when the app ran within one process meanwhile, of which the stream knows nothing', async () => {
    await aDamagedPast(1);
    const inProcess = await house.instance({ transport: new InProcessTransport(RabbitMqTransport.toDrain(broker)) });
    await countAll(inProcess);
    await idle(inProcess);
    await inProcess.stop();
    await expect(start({ rebuild })).rejects.toThrow(/the app ran with EVENT_BUS=in-process until \d{4}-/);
  }, 60_000);

  it('is refused when nobody can tell how the stream began, and says of when its oldest event is', async () => {
    const foreign = await connect(broker.url);
    const channel = await foreign.createChannel();
    await channel.assertQueue(new Topology(broker.namespace).stream, { durable: true, arguments: { 'x-queue-type': 'stream', 'x-max-age': '7D', 'x-stream-max-segment-size-bytes': 20_000_000 } });
    await foreign.close();
    await aDamagedPast(1);
    await expect(start({ rebuild })).rejects.toThrow(/the oldest event that the stream "test-\w+\.history" still has is of \d{4}-/);
  }, 60_000);

  it('keeps every other process of its context from starting while it is rebuilt, and is taken over from one that died', async () => {
    await aDamagedPast(2);
    const app = await start();
    await house.look('left', `INSERT INTO rebuild (token, accepts_partial) VALUES (gen_random_uuid(), false)`);
    await expect(start({ settings: mortal })).rejects.toThrow(RebuildUnderWay);
    await app.stop();
    await expect(house.instance({ transport: new InProcessTransport(RabbitMqTransport.toDrain(broker)) })).rejects.toThrow('or a rebuild of it was not finished');
    const next = await start();
    await idle(next);
    expect(await isUnderWay()).toBe(false);
  }, 60_000);
});
