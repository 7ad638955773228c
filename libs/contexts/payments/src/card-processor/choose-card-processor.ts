import type { FactoryProvider } from '@nestjs/common';
import { PaymentsSettings } from '../payments-settings.js';
import { CardProcessor } from './card-processor.js';
import { StripeCardProcessor } from './stripe-card-processor.js';
import { TestCardProcessor } from './test-card-processor.js';

/** The one place that decides who the card processor is. */
export const chosenCardProcessor: FactoryProvider<CardProcessor> = {
  provide: CardProcessor,
  inject: [PaymentsSettings],
  useFactory: ({ processor, stripe }: PaymentsSettings) => {
    if (processor === 'test') return new TestCardProcessor();
    if (!stripe) throw new Error('The card processor is to be Stripe, but there is no secret key. Set it in the app\'s configuration.');
    return new StripeCardProcessor(stripe);
  },
};
