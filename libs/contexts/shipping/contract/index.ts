import { defineContract, event, idSchema, isoInstant, text } from '@banyan/kernel/contract';
import { z } from 'zod';

/** Who carries a parcel, and under which number they know it. */
const parcel = { carrier: text(1, 64), trackingNumber: text(1, 64) };

const shipmentEvent = { version: 1, aggregateType: 'shipment', aggregateId: (it: { shipmentId: string }) => it.shipmentId };
const about = { shipmentId: idSchema, orderId: idSchema, customerId: text(1, 64) };

/** The goods of an order have left the house. */
const shipmentDispatched = event('shipping.shipment-dispatched', {
  ...shipmentEvent,
  payload: z.strictObject({ ...about, ...parcel, dispatchedAt: isoInstant }),
});

/** The goods have arrived. */
const shipmentDelivered = event('shipping.shipment-delivered', {
  ...shipmentEvent,
  payload: z.strictObject({ ...about, deliveredAt: isoInstant }),
});

/** Shipping hears what to do and tells what it did; nobody calls it. */
export const shippingContract = defineContract({
  name: 'shipping',
  commands: {},
  queries: {},
  events: { shipmentDispatched, shipmentDelivered },
});
