export { payments } from './src/payments.context.js';
export { PaymentsSettings, type StripeSettings } from './src/payments-settings.js';
