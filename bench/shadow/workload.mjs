import { randomUUID } from 'node:crypto';
import { timed } from './clients.mjs';
import { openHouse } from './house.mjs';

/** Payments that are asked for. */
const PAYMENTS = 200;

const order = (amount) => ({ orderId: randomUUID(), customerId: randomUUID(), amount: { amount, currency: 'GBP' }, method: 'on-account' });
const key = () => ({ idempotencyKey: randomUUID() });

/**
 * What contenders of this bench have in common: payments, some of which are there.
 * @typedef {object} Comparer how the calls of one database are compared
 * @property {{ read: number, write: number }} perCall comparisons of one call, as far as they are said; 0 where nothing is compared
 * @property {(house: object, expected: number) => Promise<{ compared: number, equal: number, skipped: number, other: string }>} outcome since the beginning, when so many are to be expected; `skipped`: knowingly; `other`: what went wrong
 * @property {(house: object) => Promise<void>} [begin] when the payments are there @property {() => Promise<void>} [close]
 *
 * @param {{ comparer: () => Comparer & { providers?: object[], witnessOf?: Function } }} adapter
 */
export async function contend({ comparer }) {
  let house;
  let comparing;
  let before;
  return {
    async open({ url }) {
      comparing = comparer();
      house = await openHouse(url, comparing);
      const ids = [];
      await timed(PAYMENTS, async (n) => { ids[n] = await pay(house, n); });
      await comparing.begin?.(house);
      before = await comparing.outcome(house, 0);
      return { url: house.url, token: house.token, ids };
    },

    /** Half of them authorise, the other half capture. */
    async write({ commands }) {
      const took = new Float64Array(commands);
      const { ms } = await timed(commands / 2, async (n) => { await pay(house, n, took); });
      return { took, ms };
    },

    /** What came of the comparisons since this was last asked, when all have ended. @param {{ one: 'read' | 'write', calls: number }} input */
    async settle({ one, calls }) {
      const perCall = comparing.perCall[one];
      const now = await comparing.outcome(house, before.compared + before.skipped + calls * perCall);
      const since = { compared: now.compared - before.compared, equal: now.equal - before.equal, skipped: now.skipped - before.skipped, other: now.other, perCall };
      before = now;
      return since;
    },

    async close() {
      await house?.close();
      await comparing?.close?.();
      house = undefined;
    },
  };
}

/** One order's money, asked for and taken. @returns {Promise<string>} the payment */
async function pay({ payments }, n, took) {
  const wish = order(1_000 + n);
  const from = performance.now();
  const { paymentId } = await payments.authorizePayment(wish, key());
  const between = performance.now();
  const { is } = await payments.capturePayment({ orderId: wish.orderId }, key());
  if (is !== 'captured') throw new Error(`The payment ${paymentId} is ${is}.`);
  took?.set([between - from, performance.now() - between], n * 2);
  return paymentId;
}
