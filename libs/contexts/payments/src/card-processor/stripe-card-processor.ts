import { Stripe } from 'stripe';
import type { StripeSettings } from '../payments-settings.js';
import type { AuthorizationAnswer, SettlementAnswer } from '../processor-operation.js';
import { type CardCharge, CardProcessor, type ProcessorCall } from './card-processor.js';
import { type Trouble, troubleOf } from './stripe-trouble.js';

/**
 * Stripe, by PaymentIntents that are captured by hand. Stripe remembers an idempotency key for at least 24 hours:
 * whoever retries for longer than that must look into Stripe's books first.
 */
export class StripeCardProcessor extends CardProcessor {
  private readonly stripe: Stripe;

  constructor({ secretKey, ...address }: StripeSettings) {
    super();
    // No retries of its own: the saga repeats the command, with the same key and its own patience.
    this.stripe = new Stripe(secretKey, { ...address, maxNetworkRetries: 0, telemetry: false });
  }

  async authorize({ paymentId, orderId, amount, currency, method }: CardCharge, call: ProcessorCall): Promise<AuthorizationAnswer> {
    try {
      const intent = await this.stripe.paymentIntents.create({
        amount, currency: currency.toLowerCase(), payment_method: method, capture_method: 'manual', confirm: true,
        automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
        metadata: { paymentId, orderId },
      }, options(call));
      return intent.status === 'requires_capture'
        ? { is: 'authorized', authorization: intent.id }
        : { is: 'declined', code: intent.status.replaceAll('_', '-'), message: 'The card asks its owner for something that cannot be done here.' };
    } catch (error) {
      const trouble = troubleOf(error, call);
      return { is: 'declined', code: trouble.code, message: trouble.message };
    }
  }

  capture(authorization: string, call: ProcessorCall): Promise<SettlementAnswer> {
    return settle(call, 'succeeded', () => this.stripe.paymentIntents.capture(authorization, {}, options(call)));
  }

  void(authorization: string, call: ProcessorCall): Promise<SettlementAnswer> {
    return settle(call, 'canceled', () => this.stripe.paymentIntents.cancel(authorization, {}, options(call)));
  }

  async refund(authorization: string, amount: number, call: ProcessorCall): Promise<SettlementAnswer> {
    return settle(call, undefined, async () => {
      const refund = await this.stripe.refunds.create({ payment_intent: authorization, amount }, options(call));
      return { status: refund.status === 'failed' || refund.status === 'canceled' ? refund.status : 'succeeded' };
    });
  }
}

/**
 * Makes a call about an intent that exists. An error that shows the intent where the call was to bring it counts as
 * done: an authorisation that Stripe let expire, for example, is as good as voided.
 */
async function settle(call: ProcessorCall, goal: 'succeeded' | 'canceled' | undefined, ask: () => Promise<{ status: string }>): Promise<SettlementAnswer> {
  try {
    const { status } = await ask();
    return status === (goal ?? 'succeeded') ? { is: 'done' } : { is: 'refused', code: status, message: `Stripe answered with the status "${status}".` };
  } catch (error) {
    const trouble: Trouble = troubleOf(error, call);
    return goal !== undefined && trouble.intentStatus === goal ? { is: 'done' } : { is: 'refused', code: trouble.code, message: trouble.message };
  }
}

function options({ key, timeoutMs }: ProcessorCall): Stripe.RequestOptions {
  return { idempotencyKey: key, timeout: timeoutMs };
}
