import { randomUUID } from 'node:crypto';
import { Chance, type ContextUnderTest } from '../../testing/index.js';
import { depotContract, tillContract } from './till-words.fixture.js';

const key = () => ({ idempotencyKey: randomUUID() });

/** A day at the till: every door, every outcome, and some that come into each other's way. What is drawn follows from the seed. */
export async function dayAtTheTill(context: ContextUnderTest, seed: number): Promise<void> {
  const chance = new Chance(seed);
  const till = context.host.clientOf(tillContract);
  const ring = async (wish: object): Promise<string> => (await context.http('POST', '/v1/sales', { body: { sku: 'apple', quantity: 1, price: 100, ...wish } })).body.id as string;

  // A read or refusal is over when it is known what it may have seen; so nothing that comes next is taken for part of that.
  const calm = async (looks: Promise<unknown>): Promise<unknown> => {
    const answer = await looks.catch(() => undefined);
    await context.database.witness?.stop();
    return answer;
  };

  const sales: string[] = [];
  for (const price of [100, 999, 20, 140 + chance.below(1_000)]) sales.push(await ring({ price, note: price === 999 ? '' : null, tags: ['red', 'green', 'sweet'] }));
  const late = await ring({ price: 250, note: 'for tea', at: '2011-07-04T23:30:00.000Z', tags: ['late'] });
  const winter = await ring({ price: 260, at: '2011-01-04T23:30:00.000Z' });
  const dear = await ring({ price: 200_000 });
  await ring({ price: -1 }); // refused: it is no price
  const again = randomUUID();
  for (let i = 0; i < 2; i += 1) await context.http('POST', '/v1/sales', { key: again, body: { sku: 'pear', quantity: 3, price: 55 } });
  const repeated = key();
  for (let i = 0; i < 2; i += 1) await till.ring({ sku: 'plum', quantity: 2, price: 30 }, repeated);

  for (const id of [...sales, randomUUID()]) await calm(context.http('GET', `/v1/sales/${id}`));
  const { body } = await context.http('GET', '/v1/sales?limit=3');
  await calm(Promise.resolve());
  await calm(context.http('GET', `/v1/sales?limit=3&cursor=${String(body.nextCursor)}`));

  for (const saleId of [sales[0] ?? '', late, winter]) await till.pay({ saleId }, key());
  await calm(till.pay({ saleId: sales[0] ?? '' }, key()));
  await calm(till.pay({ saleId: dear }, key()));
  for (const note of ['with love', null, '']) await till.note({ saleId: sales[1] ?? '', note }, key());
  await calm(context.http('GET', `/v1/sales/${sales[1]}`));
  await till.strike({ saleId: sales[2] ?? '' }, key());
  await calm(till.strike({ saleId: late }, key()));
  for (const id of [sales[3] ?? '', winter, randomUUID()]) await context.http('POST', `/v1/sales/${id}/strikes`, { body: {} }).then((it) => calm(Promise.resolve(it)));

  await till.join({ email: 'ann@shop.example', name: 'Ann' }, key());
  await calm(till.join({ email: 'ann@shop.example', name: null }, key()));
  for (const email of ['bob@shop.example', 'ann@shop.example']) await calm(context.http('POST', '/v1/customers', { body: { email, name: null } }));
  for (const email of ['bob@shop.example', 'eve@shop.example']) await calm(context.http('GET', `/v1/customers?email=${encodeURIComponent(email)}`));

  await context.announce(depotContract.events.goodsArrived({ sku: 'apple', quantity: 40 }));
  await context.settle();
  await context.announce(depotContract.events.goodsLost({ sku: 'apple', quantity: 3 }));
  await till.closeDay({ day: '2011-07-04' }, key());
  await context.settle();
  for (const day of ['2011-07-04', '2011-01-04', '1999-01-01']) await calm(till.takings({ day }));
  await till.takeOut({ pence: 5 }, key());

  // Whoever puts in says so first and counts afterwards; others come in between.
  for (let round = 0; round < 6; round += 1) {
    await Promise.all(Array.from({ length: 2 + chance.below(4) }, (_, i) => till.putIn({ pence: 10 + i }, key())));
  }
}
