import { idSchema, isoInstant, text } from '@banyan/kernel/contract';
import { pageQuery } from '@banyan/kernel/http';
import { z } from 'zod';
import { type Shipment, needsRecall, shipmentStatuses } from './shipment.js';

const status = z.enum(shipmentStatuses);

export const shipmentListQuery = pageQuery.extend({
  orderId: idSchema.optional().describe('Only the shipment of this order.'),
  status: status.optional(),
  recall: z.literal('true').optional().describe('Only shipments that have left although their order was cancelled.'),
});

export const parcelSchema = z.strictObject({
  carrier: text(1, 64).trim().min(1, 'Is blank.'),
  trackingNumber: text(1, 64).trim().min(1, 'Is blank.'),
});

export const shipmentSchema = z.strictObject({
  id: idSchema,
  orderId: idSchema,
  customerId: z.string(),
  status,
  carrier: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  requestedAt: isoInstant,
  dispatchedAt: isoInstant.nullable(),
  deliveredAt: isoInstant.nullable(),
  needsRecall: z.boolean().describe('The order was cancelled, but the goods had left: somebody has to call them back.'),
});

export function presentShipment(shipment: Shipment): z.output<typeof shipmentSchema> {
  const { id, orderId, customerId, progress, requestedAt } = shipment;
  const left = progress.is === 'dispatched' || progress.is === 'delivered' ? progress : undefined;
  return {
    id, orderId, customerId,
    status: progress.is,
    carrier: left?.parcel.carrier ?? null,
    trackingNumber: left?.parcel.trackingNumber ?? null,
    requestedAt: requestedAt.toISOString(),
    dispatchedAt: left?.dispatchedAt.toISOString() ?? null,
    deliveredAt: progress.is === 'delivered' ? progress.deliveredAt.toISOString() : null,
    needsRecall: needsRecall(shipment),
  };
}
