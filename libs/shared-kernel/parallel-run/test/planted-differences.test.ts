import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Chance, newSeed } from '../../testing/index.js';
import { type ManyShadows, type Played, manyShadows } from './many-shadows.fixture.js';
import { plantedDifferences } from './planted-differences.fixture.js';
import { readDocument, scoreLines, writeScore } from './score.fixture.js';
import { Sums } from './till-parts.fixture.js';
import { dayAtTheTill } from './till-traffic.fixture.js';
import { tillContract } from './till-words.fixture.js';
import { till } from './till.fixture.js';

const seed = newSeed();

describe(`a till and other versions of it, on one day (seed ${seed})`, () => {
  let tape: ManyShadows;
  const outcomes: string[] = [];
  beforeAll(async () => {
    tape = await manyShadows(till());
    await dayAtTheTill(tape.context, seed);
    await tape.endTape();
  });
  afterAll(async () => {
    await tape.close();
    writeScore(outcomes);
  });

  it('finds nothing where both do the same', async () => {
    expect(await tape.play(till())).toMatchObject({ found: [], undecided: 0 });
  });

  it.each(plantedDifferences)('$name', async (it) => {
    const played = await tape.play(till(it.planted), it.hangMs);
    expect(reported(played)).toEqual(it.found.toSorted());
    outcomes.push(it.name);
  });

  it('has its score in the documentation, row by row', () => {
    expect(readDocument()).toContain(scoreLines(plantedDifferences).join('\n'));
  });
});

/** A float instead of whole numbers, as it is often seen. */
class FloatingSums extends Sums {
  override vat(net: number): number {
    return Math.round(net * 0.175);
  }
}

/** 10,000 take a minute or more; nothing here depends on how many there are. */
const INPUTS = 500;

describe(`a penny in one of ${INPUTS} (seed ${seed})`, () => {
  let tape: ManyShadows;
  beforeAll(async () => { tape = await manyShadows(till()); });
  afterAll(() => tape.close());

  it('is found, once, where it is', async () => {
    const prices = pricesWithOneTrap(new Chance(seed), INPUTS);
    const counter = tape.context.host.clientOf(tillContract);
    const queue = prices.entries();
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (const [at, price] of queue) await counter.ring({ sku: 'apple', quantity: 1, price }, { idempotencyKey: `${seed}/${at}` });
    }));
    await tape.endTape();
    const { found, compared } = await tape.play(till({ instead: [[Sums, FloatingSums]] }));
    expect(compared).toBe(INPUTS);
    expect(found.map(({ field, count }) => ({ field, count }))).toEqual([
      { field: 'events/till.sale-rung/eventId', count: 1 }, { field: 'events/till.sale-rung/payload/total', count: 1 }, { field: 'rows/sale/vat', count: 1 },
    ]);
  }, 120_000);
});

/** Prices whose tax both compute alike, and among them one that is a penny apart. */
function pricesWithOneTrap(chance: Chance, count: number): number[] {
  const [whole, floating] = [new Sums(), new FloatingSums()];
  const isTrap = (price: number): boolean => whole.vat(price) !== floating.vat(price);
  const draw = (wanted: boolean): number => {
    for (;;) {
      const price = chance.below(1_000_000);
      if (isTrap(price) === wanted) return price;
    }
  };
  const prices = Array.from({ length: count }, () => draw(false));
  prices[chance.below(count)] = draw(true);
  return prices;
}

/** Each kind and field once, whatever endpoint it was found at. */
function reported({ found }: Played): string[] {
  return [...new Set(found.map(({ kind, field }) => `${kind} ${field}`))].toSorted();
}
