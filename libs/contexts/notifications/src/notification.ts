import { idSchema, moneySchema } from '@banyan/kernel/contract';
import { z } from 'zod';

const reason = z.strictObject({ code: z.string(), message: z.string() });

/** What customers are told. */
export const newsSchema = z.discriminatedUnion('is', [
  z.strictObject({ is: z.literal('order-confirmed'), total: moneySchema }),
  z.strictObject({ is: z.literal('order-rejected'), reason }),
  z.strictObject({ is: z.literal('order-cancelled'), reason }),
  z.strictObject({ is: z.literal('shipment-dispatched'), carrier: z.string(), trackingNumber: z.string() }),
]);
export type News = z.output<typeof newsSchema>;

/**
 * `queued`: to be sent, or sent without our hearing of it. `failed`: the mail server refused it for good, or would not
 * take it for days. `no-address`: nobody knows where to; it is queued when the customer registers.
 */
export const notificationStatuses = ['no-address', 'queued', 'sent', 'failed'] as const;
export type NotificationStatus = typeof notificationStatuses[number];

/** One piece of news for one customer. It names no address: that is looked up when it is sent. */
export interface Notification {
  readonly id: string;
  /** The event that it tells of. */
  readonly eventId: string;
  readonly customerId: string;
  readonly orderId: string;
  readonly news: News;
  readonly status: NotificationStatus;
  /** How often it was handed to the mail server, or tried to. */
  readonly attempts: number;
  readonly notedAt: Date;
  readonly sentAt: Date | undefined;
}

/** Only who registered here can have an address; external customer numbers and guests cannot. */
export function mayHaveAddress(customerId: string): boolean {
  return idSchema.safeParse(customerId).success;
}
