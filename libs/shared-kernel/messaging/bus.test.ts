import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inputFromEvent, runInput } from '../runtime/index.js';
import { AnnouncedByStranger, AnnouncedOutsideTransaction, InProcessTransport } from './index.js';
import { counted } from './test/contexts.js';
import { House } from './test/house.js';
import { until } from './test/until.js';

describe('the event bus', () => {
  let house: House;
  beforeAll(async () => { house = await House.open(); });
  afterAll(() => house.close());
  beforeEach(async () => {
    for (const context of ['source', 'left', 'right'] as const) await house.look(context, 'DELETE FROM heard');
    await house.look('source', 'DELETE FROM counter');
  });

  it('lets every subscribed context handle what was committed, once and in order', async () => {
    const instance = await house.instance();
    for (let n = 0; n < 20; n += 1) await Promise.all([instance.count('a'), instance.count('b'), instance.count('c')]);
    await until('the bus is idle', () => instance.bus.idle());
    const all = Array.from({ length: 20 }, (_, at) => at + 1);
    expect(await house.heard('left')).toEqual({ a: all, b: all, c: all });
    expect(await house.heard('right')).toEqual({ a: all, b: all, c: all });
    await instance.stop();
  });

  it('shows nobody an event of a transaction that rolled back', async () => {
    const instance = await house.instance();
    await expect(instance.count('gone', () => { throw new Error('changed my mind'); })).rejects.toThrow('changed my mind');
    await instance.count('kept');
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ kept: [1] });
    await instance.stop();
  });

  it('stores all events of a transaction in the order of announcement, also those of a late hook', async () => {
    const instance = await house.instance();
    const { source } = instance.databases;
    const { events } = instance.messaging.source;
    await runInput({}, () => source.transaction(async () => {
      source.beforeCommit('early', async () => events.announce(counted({ key: 'many', n: 51 })));
      for (let n = 1; n <= 50; n += 1) events.announce(counted({ key: 'many', n }));
      source.beforeCommit('late', async () => events.announce(counted({ key: 'many', n: 52 })));
    }));
    await until('the bus is idle', () => instance.bus.idle());
    const heard = (await house.heard('left'))['many'] ?? [];
    expect(heard).toHaveLength(52);
    expect(heard.slice(0, 50)).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
    await instance.stop();
  });

  it('refuses an announcement outside of a transaction, and one of another contract', async () => {
    const instance = await house.instance();
    const { messaging: { source, left }, databases } = instance;
    expect(() => runInput({}, () => source.events.announce(counted({ key: 'a', n: 1 })))).toThrow(AnnouncedOutsideTransaction);
    await expect(runInput({}, () => databases.left.transaction(async () => left.events.announce(counted({ key: 'a', n: 1 }))))).rejects.toThrow(AnnouncedByStranger);
    await instance.stop();
  });

  it('has an effect once when the transport delivers twice, or dies after delivering', async () => {
    const transport = new Stuttering();
    const instance = await house.instance({ transport });
    for (let n = 0; n < 10; n += 1) await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    expect(transport.failures).toBeGreaterThan(0);
    expect(await house.heard('left')).toEqual({ a: Array.from({ length: 10 }, (_, at) => at + 1) });
    await instance.stop();
  });

  it('pins the input of a handler: each try has the same id and the same time', async () => {
    const tries: string[] = [];
    const instance = await house.instance({
      before: (_payload, envelope, context) => {
        if (context !== 'left') return;
        tries.push(envelope.eventId);
        if (tries.length < 3) throw new Error('not yet');
      },
    });
    await instance.count('a');
    await until('the bus is idle', () => instance.bus.idle());
    const [row] = await house.look<{ input_id: string; at: Date }>('left', 'SELECT input_id, at FROM heard');
    const [received] = await house.look<{ received_at: Date }>('left', 'SELECT received_at FROM inbox WHERE event_id = $1', [tries[0]]);
    expect(tries).toHaveLength(3);
    expect(row).toEqual({ input_id: inputFromEvent(tries[0] ?? '', 'left'), at: received?.received_at });
    await instance.stop();
  });

  it('rolls back the effects of all handlers of an event when one of them fails', async () => {
    let fails = true;
    const instance = await house.instance({
      subscriptions: {
        left: (it) => [it.writesDown('left'), { definition: counted, run: async () => { if (fails) throw new Error('the second one'); } }],
      },
    });
    await instance.count('a');
    await until('it waits for its next try', async () => ((await house.statuses('left'))['waiting'] ?? 0) === 1);
    expect(await house.heard('left')).toEqual({});
    fails = false;
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('left')).toEqual({ a: [1] });
    await instance.stop();
  });

  it('keeps the events of a subscriber that is away, and delivers them in order once it is back', async () => {
    const transport = new WithoutRight();
    const instance = await house.instance({ transport });
    for (let n = 0; n < 5; n += 1) await instance.count('a');
    await until('left has the first ones', async () => ((await house.heard('left'))['a'] ?? []).length > 0);
    expect(await house.heard('right')).toEqual({});
    transport.rightIsAway = false;
    await until('the bus is idle', () => instance.bus.idle());
    expect(await house.heard('right')).toEqual({ a: [1, 2, 3, 4, 5] });
    expect(await house.heard('left')).toEqual({ a: [1, 2, 3, 4, 5] });
    await instance.stop();
  });

  it('drains when it stops: what runs is finished, what is left is handled by the next process', async () => {
    const first = await house.instance({ settings: { laneBatch: 2 } });
    for (let n = 0; n < 30; n += 1) await first.count('a');
    await first.stop();
    const second = await house.instance();
    await until('the bus is idle', () => second.bus.idle());
    expect(await house.heard('left')).toEqual({ a: Array.from({ length: 30 }, (_, at) => at + 1) });
    await second.stop();
  });
});

/** Delivers everything twice, and every other time loses its own answer. */
class Stuttering extends InProcessTransport {
  failures = 0;
  private calls = 0;

  override async deliver(...batch: Parameters<InProcessTransport['deliver']>): Promise<void> {
    await super.deliver(...batch);
    await super.deliver(...batch);
    this.calls += 1;
    if (this.calls % 2 === 0) return;
    this.failures += 1;
    throw new Error('the answer was lost');
  }
}

class WithoutRight extends InProcessTransport {
  rightIsAway = true;

  override async start(inboxes: Parameters<InProcessTransport['start']>[0]): Promise<void> {
    await super.start(inboxes.map((inbox) => ({
      context: inbox.context,
      eventTypes: inbox.eventTypes,
      isOnDuty: true,
      receive: async (messages) => {
        if (inbox.context === 'right' && this.rightIsAway) throw new Error('right is away');
        await inbox.receive(messages);
      },
      park: (messages) => inbox.park(messages),
    })));
  }
}
