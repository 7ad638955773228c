import { unreachable } from '@banyan/kernel/words';
import { ShipmentNotDeliverable, ShipmentNotDispatchable } from './errors.js';

/** What the carrier knows the goods by. */
export interface Parcel {
  readonly carrier: string;
  readonly trackingNumber: string;
}

/** How far the goods are. */
export type Progress =
  | { readonly is: 'pending' }
  | { readonly is: 'cancelled' }
  | { readonly is: 'dispatched'; readonly parcel: Parcel; readonly dispatchedAt: Date }
  | { readonly is: 'delivered'; readonly parcel: Parcel; readonly dispatchedAt: Date; readonly deliveredAt: Date };

export const shipmentStatuses = ['pending', 'dispatched', 'delivered', 'cancelled'] as const satisfies readonly Progress['is'][];

/** The goods of one order on their way. */
export interface Shipment {
  readonly id: string;
  readonly orderId: string;
  readonly customerId: string;
  readonly requestedAt: Date;
  readonly progress: Progress;
  /** When shipping heard that the order is cancelled. If the goods had left by then, somebody has to call them back. */
  readonly orderCancelledAt: Date | undefined;
}

/** The goods of a confirmed order are to be sent. */
export function requestShipment(order: Pick<Shipment, 'id' | 'orderId' | 'customerId'>, at: Date): Shipment {
  return { ...order, requestedAt: at, progress: { is: 'pending' }, orderCancelledAt: undefined };
}

/**
 * The goods leave. The same news again changes nothing.
 * @throws ShipmentNotDispatchable when they have left otherwise, or must not leave any more
 */
export function dispatch(shipment: Shipment, parcel: Parcel, at: Date): Shipment {
  const { id, progress } = shipment;
  switch (progress.is) {
    case 'pending': return { ...shipment, progress: { is: 'dispatched', parcel, dispatchedAt: at } };
    case 'cancelled': throw new ShipmentNotDispatchable(`The order of shipment ${id} is cancelled: its goods stay here.`, { status: progress.is });
    case 'dispatched':
    case 'delivered': {
      if (isSame(progress.parcel, parcel)) return shipment;
      throw new ShipmentNotDispatchable(`Shipment ${id} has left already, with ${progress.parcel.carrier} as ${progress.parcel.trackingNumber}.`, { status: progress.is });
    }
    default: return unreachable(progress);
  }
}

/**
 * The goods have arrived. The same news again changes nothing.
 * @throws ShipmentNotDeliverable when they have not left
 */
export function deliver(shipment: Shipment, at: Date): Shipment {
  const { id, progress } = shipment;
  switch (progress.is) {
    case 'dispatched': return { ...shipment, progress: { ...progress, is: 'delivered', deliveredAt: at } };
    case 'delivered': return shipment;
    case 'pending':
    case 'cancelled': throw new ShipmentNotDeliverable(`Shipment ${id} is ${progress.is}: its goods have not left, so they cannot have arrived.`, { status: progress.is });
    default: return unreachable(progress);
  }
}

/** The order is cancelled. Goods that are here stay here; for goods that have left it is noted that they are to come back. */
export function cancel(shipment: Shipment, at: Date): Shipment {
  if (shipment.orderCancelledAt) return shipment;
  return { ...shipment, orderCancelledAt: at, ...(shipment.progress.is === 'pending' && { progress: { is: 'cancelled' } }) };
}

/** Are the goods out there although nobody wants them any more? */
export function needsRecall({ progress, orderCancelledAt }: Shipment): boolean {
  return orderCancelledAt !== undefined && progress.is !== 'cancelled';
}

function isSame(one: Parcel, other: Parcel): boolean {
  return one.carrier === other.carrier && one.trackingNumber === other.trackingNumber;
}
