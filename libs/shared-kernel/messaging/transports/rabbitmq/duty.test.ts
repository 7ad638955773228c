import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Chance, type TestBroker, newSeed, testBroker } from '../../../testing/plain.js';
import { type Duty, InProcessTransport, RabbitMqTransport } from '../../index.js';
import { laneOf } from '../../key.js';
import { contextNames } from '../../test/contexts.js';
import { House } from '../../test/house.js';
import type { Instance } from '../../test/instance.js';
import { until } from '../../test/until.js';

/** Splits all work between two processes: lanes below the line fall to the second. */
class Split {
  private line = 0;
  private readonly listeners: (() => void)[] = [];

  moveTo(line: number): void {
    this.line = line;
    for (const listener of this.listeners) listener();
  }

  of(process: 'first' | 'second'): Duty {
    const isMine = (lane: number): boolean => (lane < this.line) === (process === 'second');
    return { handles: isMine, relays: () => isMine(8), onChange: (listener) => { this.listeners.push(listener); } };
  }
}

const seed = newSeed();
const keys = Array.from({ length: 24 }, (_, at) => `key ${at}`);

describe('work that is divided between two processes with the same contexts', () => {
  let house: House;
  let broker: TestBroker;
  beforeEach(async () => { [house, broker] = await Promise.all([House.open(), testBroker()]); });
  afterEach(async () => {
    await house.close();
    await broker.drop(contextNames);
  });

  /** Who handled which keys since the last time somebody asked. */
  async function both(split: Split): Promise<{ first: Instance; second: Instance; handledBy: Map<string, Set<string>> }> {
    const handledBy = new Map<string, Set<string>>();
    const open = (name: 'first' | 'second') => house.instance({
      transport: new RabbitMqTransport(broker), duty: split.of(name),
      before: ({ key }) => { handledBy.set(key, (handledBy.get(key) ?? new Set()).add(name)); },
    });
    return { first: await open('first'), second: await open('second'), handledBy };
  }

  const rest = (first: Instance, second: Instance): Promise<void> => until('both rest', async () => (await first.bus.idle()) && (await second.bus.idle()));

  it.each([0, 5, 16])('is done where it falls, with the line at lane %i', async (line) => {
    const split = new Split();
    split.moveTo(line);
    const { first, second, handledBy } = await both(split);
    for (const key of keys) await first.count(key);
    for (const key of keys) await second.count(key);
    await rest(first, second);
    for (const key of keys) expect({ key, by: [...handledBy.get(key) ?? []] }).toEqual({ key, by: [laneOf(key) < line ? 'second' : 'first'] });
    for (const context of ['left', 'right'] as const) expect(await house.heard(context)).toEqual(Object.fromEntries(keys.map((key) => [key, [1, 2]])));
  });

  it(`is done once and in order while the line moves about (seed ${seed})`, async () => {
    const [chance, split, rounds] = [new Chance(seed), new Split(), 30];
    const { first, second } = await both(split);
    for (let round = 0; round < rounds; round += 1) {
      if (round % 3 === 0) split.moveTo(chance.below(17));
      await Promise.all(keys.map((key) => (chance.below(2) === 0 ? first : second).count(key)));
    }
    await rest(first, second);
    const expected = Object.fromEntries(keys.map((key) => [key, Array.from({ length: rounds }, (_, at) => at + 1)]));
    for (const context of ['left', 'right'] as const) expect(await house.heard(context)).toEqual(expected);
  }, 60_000);

  it('waits for a process that is gone, and goes on when its work falls to the other', async () => {
    const split = new Split();
    const { first, second } = await both(split);
    split.moveTo(16);
    await second.stop();
    for (const key of keys) await first.count(key);
    expect(await house.heard('left')).toEqual({});
    split.moveTo(0);
    await until('the first has handled all', async () => Object.keys(await house.heard('left')).length === keys.length);
  });

  it('moves within one process to nobody: what arrives is kept', async () => {
    const split = new Split();
    const alone = await house.instance({ transport: new InProcessTransport(), duty: { ...split.of('first'), relays: () => true } });
    split.moveTo(16);
    for (const key of keys) await alone.count(key);
    await until('everything is in the inbox', async () => (await alone.messaging.left.figures()).ready === keys.length);
    split.moveTo(0);
    await until('all is handled', () => alone.bus.idle());
    expect(await house.heard('left')).toEqual(Object.fromEntries(keys.map((key) => [key, [1]])));
  });
});
