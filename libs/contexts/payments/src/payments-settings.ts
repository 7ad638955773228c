import { defineSettings } from '@banyan/kernel/runtime';
import { z } from 'zod';

/** How to reach Stripe. Host, port and protocol are its public ones unless told. */
export interface StripeSettings {
  readonly secretKey: string;
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: 'https' | 'http';
}

/** What the app decides for payments. */
export abstract class PaymentsSettings {
  /** `test` is built in and charges nobody; its cards are listed in this context's README. */
  abstract readonly processor: 'test' | 'stripe';
  /** Needed where the processor is Stripe. */
  abstract readonly stripe?: StripeSettings;
  /** How the books are kept: as streams of events unless told, or in tables. Each takes over what the other wrote. */
  abstract readonly ledger?: 'tables' | 'events';
  /** The longest wait for one answer of the processor; 5,000 unless told, and always less than the request has left. */
  abstract readonly processorTimeoutMs?: number;
}

/** `CARD_PROCESSOR` and what Stripe needs, and `PAYMENTS_LEDGER`. The test processor charges nobody, so in production it is no default. */
export const paymentsSettings = defineSettings(PaymentsSettings, {
  variables: z.object({
    CARD_PROCESSOR: z.enum(['test', 'stripe']).optional(),
    STRIPE_SECRET_KEY: z.string().min(1).optional(),
    STRIPE_API_URL: z.url().optional(),
    PAYMENTS_LEDGER: z.enum(['tables', 'events'], { error: 'Has to be tables or events.' }).default('events'),
  }),
  problems: ({ CARD_PROCESSOR, STRIPE_SECRET_KEY }, { production }) => [
    ...(CARD_PROCESSOR === 'stripe' && !STRIPE_SECRET_KEY ? ['STRIPE_SECRET_KEY: needed with CARD_PROCESSOR=stripe.'] : []),
    ...(production && !CARD_PROCESSOR ? ['CARD_PROCESSOR: say "stripe" or "test" in production; the test processor charges nobody, so it is no default there.'] : []),
  ],
  read: ({ CARD_PROCESSOR, STRIPE_SECRET_KEY = '', STRIPE_API_URL, PAYMENTS_LEDGER: ledger }): PaymentsSettings => {
    if (CARD_PROCESSOR !== 'stripe') return { processor: 'test', ledger };
    return { ledger, processor: 'stripe', stripe: { secretKey: STRIPE_SECRET_KEY, ...(STRIPE_API_URL !== undefined && addressOf(STRIPE_API_URL)) } };
  },
});

function addressOf(apiUrl: string): Omit<StripeSettings, 'secretKey'> {
  const { hostname, port, protocol } = new URL(apiUrl);
  const isPlain = protocol === 'http:';
  return { host: hostname, port: Number(port || (isPlain ? 80 : 443)), protocol: isPlain ? 'http' : 'https' };
}
