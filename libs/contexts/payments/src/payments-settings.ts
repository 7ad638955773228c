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
  /** The longest wait for one answer of the processor; 5,000 unless told, and always less than the request has left. */
  abstract readonly processorTimeoutMs?: number;
}
