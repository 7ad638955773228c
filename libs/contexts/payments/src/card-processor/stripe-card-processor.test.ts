import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ProcessorAway, ProcessorTimeout } from '../../contract/index.js';
import { FakeStripe } from '../../test/fake-stripe.js';
import { StripeCardProcessor } from './stripe-card-processor.js';

let stripe: FakeStripe;
let processor: StripeCardProcessor;

beforeAll(async () => {
  stripe = await FakeStripe.start();
  processor = new StripeCardProcessor(stripe.settings);
});
beforeEach(() => { stripe.fate = () => 'sent'; });
afterAll(() => stripe.stop());

const charge = (paymentId: string, method = 'pm_card') => ({ paymentId, orderId: `order of ${paymentId}`, amount: 1250, currency: 'GBP' as const, method });
const call = (key: string, timeoutMs = 2_000) => ({ key, timeoutMs });

async function authorize(paymentId: string): Promise<string> {
  const answer = await processor.authorize(charge(paymentId), call(`${paymentId}/authorize`));
  if (answer.is !== 'authorized') throw new Error(`Declined: ${answer.code}`);
  return answer.authorization;
}

describe('the Stripe adapter', () => {
  it('promises money, takes it and sends a part of it back', async () => {
    const authorization = await authorize('p1');
    expect(stripe.intents.get(authorization)).toMatchObject({ amount: 1250, status: 'requires_capture' });
    expect(await processor.capture(authorization, call('p1/capture'))).toEqual({ is: 'done' });
    expect(await processor.refund(authorization, 250, call('p1/refund/1'))).toEqual({ is: 'done' });
    expect(stripe.intents.get(authorization)).toMatchObject({ status: 'succeeded', refunded: 250 });
  });

  it.each([
    ['pm_declined', { is: 'declined', code: 'insufficient-funds', message: 'Your card has insufficient funds.' }],
    ['pm_unknown', { is: 'declined', code: 'unknown-card', message: 'No such PaymentMethod.' }],
    ['pm_asks_owner', { is: 'declined', code: 'requires-action', message: expect.stringContaining('owner') }],
  ])('tells why %s is declined', async (method, answer) => {
    expect(await processor.authorize(charge(`p-${method}`, method), call(`${method}/authorize`))).toEqual(answer);
  });

  it('charges once when an answer never comes and it is asked again with the same key', async () => {
    stripe.fate = () => 'never';
    await expect(processor.authorize(charge('p2'), call('p2/authorize', 100))).rejects.toThrow(ProcessorTimeout);
    stripe.fate = () => 'sent';
    await authorize('p2');
    expect(stripe.charges.get('p2')).toBe(1);
  });

  it('charges once when the connection breaks before the answer', async () => {
    stripe.fate = () => 'dropped';
    await expect(processor.authorize(charge('p3'), call('p3/authorize'))).rejects.toThrow(ProcessorTimeout);
    stripe.fate = () => 'sent';
    await authorize('p3');
    expect(stripe.charges.get('p3')).toBe(1);
  });

  it('takes a failure of the server for something that may have been done', async () => {
    stripe.fate = () => 'broken';
    await expect(processor.authorize(charge('p4'), call('p4/authorize'))).rejects.toThrow(ProcessorTimeout);
  });

  it('says that Stripe is away when nobody listens', async () => {
    const nobody = new StripeCardProcessor({ ...stripe.settings, port: 1 });
    await expect(nobody.authorize(charge('p5'), call('p5/authorize'))).rejects.toThrow(ProcessorAway);
  });

  it('counts an authorisation that is voided already as voided, and one that is captured already as captured', async () => {
    const voided = await authorize('p6');
    await processor.void(voided, call('p6/void'));
    expect(await processor.void(voided, call('p6/void again'))).toEqual({ is: 'done' });
    expect(await processor.capture(voided, call('p6/capture'))).toMatchObject({ is: 'refused', code: 'payment-intent-unexpected-state' });

    const captured = await authorize('p7');
    await processor.capture(captured, call('p7/capture'));
    expect(await processor.capture(captured, call('p7/capture again'))).toEqual({ is: 'done' });
    expect(await processor.void(captured, call('p7/void'))).toMatchObject({ is: 'refused' });
  });

  it('reports a refund that is refused', async () => {
    const authorization = await authorize('p8');
    expect(await processor.refund(authorization, 1, call('p8/refund/1'))).toMatchObject({ is: 'refused', code: 'charge-already-refunded' });
  });
});
