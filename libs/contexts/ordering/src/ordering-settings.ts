import { defineSettings } from '@banyan/kernel/runtime';
import { z } from 'zod';

/** What the app decides for ordering. */
export abstract class OrderingSettings {
  /** The payment method of a customer's order that names none; undefined where real cards are charged. */
  abstract readonly defaultPaymentMethod: string | undefined;
}

/** Where cards are only played, an order that names no method is paid with the card that is always accepted. */
export const orderingSettings = defineSettings(OrderingSettings, {
  variables: z.object({ CARD_PROCESSOR: z.enum(['test', 'stripe']).optional() }),
  read: ({ CARD_PROCESSOR }): OrderingSettings => ({ defaultPaymentMethod: CARD_PROCESSOR === 'stripe' ? undefined : 'test-card' }),
});
