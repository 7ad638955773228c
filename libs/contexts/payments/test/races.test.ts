import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { PaymentClosed, PaymentNotAuthorized, ProcessorTimeout } from '../contract/index.js';
import { KeyedProcessor, type Moment } from './keyed-processor.js';
import { type PaymentsUnderTest, bookedFor, imbalances, key, ledgers, paymentsUnderTest, pounds, someOrder, staff, untilAnswered } from './payments-under-test.js';

describe.each(ledgers)('with a ledger of %s:', (ledger) => {
  const processor = new KeyedProcessor();
  let bench: PaymentsUnderTest;
  beforeAll(async () => { bench = await paymentsUnderTest({ ledger, processor }); });
  beforeEach(() => { processor.meddle = () => undefined; });
  afterAll(() => bench.ctx.close());

  const statusOf = async (orderId: string) => {
    const { body } = await bench.ctx.http('GET', `/v1/payments?orderId=${orderId}`, { as: staff });
    return { id: String(body.data[0].id), status: String(body.data[0].status) };
  };

  /** Refusals that a command of a cancelled order may meet; everything else fails the test. */
  function expected(error: unknown): string {
    if (error instanceof PaymentClosed || error instanceof PaymentNotAuthorized) return error.code;
    throw error;
  }

  /** How a cancelled order's money stands: with whom it is, and whether the books say so. */
  async function standing(orderId: string) {
    const { id, status } = await statusOf(orderId);
    const hold = processor.heldOf(id);
    const isBack = hold === undefined || hold.isVoided || (hold.captured === hold.amount && hold.refunded === hold.captured);
    return { isOver: ['voided', 'refunded', 'closed'].includes(status), isBack, booked: await bookedFor(bench, id) };
  }
  const moneyBack = { isOver: true, isBack: true, booked: 0 };

  /** Where the cancellation comes: at a moment of the first question that the processor is asked about the operation. */
  type Meeting = readonly [moment: Moment, operation: 'authorize' | 'capture'];
  const meetings: Meeting[] = [['arrives', 'authorize'], ['leaves', 'authorize'], ['arrives', 'capture'], ['leaves', 'capture']];

  describe('a cancellation', () => {
    it.each(meetings)('that comes when a question %s to %s overtakes it', async (moment, operation) => {
      const order = someOrder();
      let cancelled: Promise<unknown> | undefined;
      processor.meddle = async (now, asked) => {
        if (cancelled || now !== moment || !asked.endsWith(`/${operation}`)) return;
        cancelled = bench.pay.cancelPayment({ orderId: order.orderId }, key());
        await cancelled;
      };
      const answers = await placed(order);
      expect(answers).toEqual(operation === 'authorize' ? ['payment-closed', 'cancelled'] : ['authorized', 'cancelled']);
      expect(await standing(order.orderId)).toEqual(moneyBack);
    });

    it.each(meetings)('that comes when a question %s to %s is overtaken by it', async (moment, operation) => {
      const order = someOrder();
      const cancellationAsks = Promise.withResolvers<void>();
      const originalIsAnswered = Promise.withResolvers<void>();
      let cancelled: Promise<unknown> | undefined;
      let questions = 0;
      processor.meddle = async (now, asked) => {
        if (!asked.endsWith(`/${operation}`)) return;
        if (now === 'arrives') questions += 1;
        if (questions === 2 && now === 'arrives') {
          cancellationAsks.resolve();
          await originalIsAnswered.promise;
        }
        if (!cancelled && now === moment) {
          cancelled = bench.pay.cancelPayment({ orderId: order.orderId }, key());
          await cancellationAsks.promise;
        }
      };
      const answers = await placed(order);
      originalIsAnswered.resolve();
      await cancelled;
      expect(answers).toEqual(operation === 'authorize' ? ['payment-closed', 'cancelled'] : ['authorized', 'cancelled']);
      expect(await standing(order.orderId)).toEqual(moneyBack);
    });

    it.each([['before anything'], ['after the authorisation'], ['after the capture']])('that comes %s gives everything back', async (when) => {
      const order = someOrder();
      const cancel = () => bench.pay.cancelPayment({ orderId: order.orderId }, key());
      if (when === 'before anything') await cancel();
      await bench.pay.authorizePayment(order, key()).catch(expected);
      if (when === 'after the authorisation') await cancel();
      await bench.pay.capturePayment({ orderId: order.orderId }, key()).catch(expected);
      if (when === 'after the capture') await cancel();
      expect(await standing(order.orderId)).toEqual(moneyBack);
    });

    it('does not wait for a processor that is away: a saga goes on, and the late authorisation is voided', async () => {
      const order = someOrder();
      let isAway = true;
      processor.meddle = (now) => { if (isAway && now === 'leaves') throw new ProcessorTimeout('The line is dead.'); };
      await expect(bench.pay.authorizePayment(order, key())).rejects.toThrow(ProcessorTimeout);
      expect(await bench.pay.cancelPayment({ orderId: order.orderId }, key())).toEqual({ refunded: pounds(0) });
      expect(await statusOf(order.orderId)).toMatchObject({ status: 'cancelling' });
      isAway = false;
      await bench.ctx.settle();
      expect(await statusOf(order.orderId)).toMatchObject({ status: 'voided' });
      expect(await standing(order.orderId)).toEqual(moneyBack);
    });
  });

  /** Authorises and captures, one after the other, and tells what came of each. */
  async function placed(order: ReturnType<typeof someOrder>): Promise<string[]> {
    const first = await bench.pay.authorizePayment(order, key()).then((it) => it.is, expected);
    const second = await bench.pay.capturePayment({ orderId: order.orderId }, key()).then((it) => it.is, expected);
    return [first, second];
  }

  describe('over an unreliable line', () => {
    const seed = process.env['SEED'] ?? randomUUID();

    it(`neither loses nor doubles a penny, whoever meets whom (seed ${seed})`, async () => {
      const random = dice(seed);
      processor.meddle = async () => {
        for (let turns = random(6); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve));
        if (random(4) === 0) throw new ProcessorTimeout('The line is bad.');
      };
      const orders = Array.from({ length: 40 }, () => ({ order: someOrder(1 + random(5_000)), isCancelled: random(2) === 0, refunds: random(3) }));
      await Promise.all(orders.map(async ({ order, isCancelled, refunds }) => {
        const cancelling = isCancelled ? later(random(30), () => untilAnswered(() => bench.pay.cancelPayment({ orderId: order.orderId }, key()))) : undefined;
        await untilAnswered(() => bench.pay.authorizePayment(order, key())).catch(expected);
        await untilAnswered(() => bench.pay.capturePayment({ orderId: order.orderId }, key())).catch(expected);
        for (let i = 0; i < refunds; i += 1) await refundSome(order.orderId, 1 + random(order.amount.amount));
        await cancelling;
      }));
      processor.meddle = () => undefined;
      await bench.ctx.settle();

      expect(processor.mistakes).toEqual([]);
      expect(await imbalances(bench)).toEqual([]);
      for (const { order: { orderId }, isCancelled } of orders) {
        const { id } = await statusOf(orderId);
        const hold = processor.heldOf(id);
        expect(await bookedFor(bench, id)).toBe(hold ? hold.captured - hold.refunded : 0);
        expect(isCancelled ? await standing(orderId) : hold?.captured).toEqual(isCancelled ? moneyBack : hold?.amount);
      }
    });

    async function refundSome(orderId: string, amount: number): Promise<void> {
      const { id } = await statusOf(orderId);
      const { status } = await bench.ctx.http('POST', `/v1/payments/${id}/refunds`, { as: staff, body: { amount: pounds(amount) } });
      expect([202, 409]).toContain(status);
    }
  });

  /** Begins after so many turns of the event loop. */
  async function later<T>(turns: number, begin: () => Promise<T>): Promise<T> {
    for (let i = 0; i < turns; i += 1) await new Promise((resolve) => setImmediate(resolve));
    return begin();
  }

  /** Whole numbers below a bound, reproducible by seed. */
  function dice(from: string): (below: number) => number {
    let drawn = 0;
    return (below) => createHash('sha256').update(`${from}/${drawn++}`).digest().readUIntBE(0, 6) % below;
  }
});
