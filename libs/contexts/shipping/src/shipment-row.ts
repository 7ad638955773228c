import type { Progress, Shipment } from './shipment.js';

/** A row of the table `shipment`. Its checks see to it that what a status needs is there. */
export interface ShipmentRow {
  readonly id: string;
  readonly order_id: string;
  readonly customer_id: string;
  readonly requested_at: Date;
  readonly status: Progress['is'];
  readonly carrier: string | null;
  readonly tracking_number: string | null;
  readonly dispatched_at: Date | null;
  readonly delivered_at: Date | null;
  readonly order_cancelled_at: Date | null;
}

export function shipmentOf(row: ShipmentRow): Shipment {
  return {
    id: row.id,
    orderId: row.order_id,
    customerId: row.customer_id,
    requestedAt: row.requested_at,
    progress: progressOf(row),
    orderCancelledAt: row.order_cancelled_at ?? undefined,
  };
}

/** @throws Error for a row that the table's checks should not have let in */
function progressOf({ id, status, carrier, tracking_number, dispatched_at, delivered_at }: ShipmentRow): Progress {
  if (status === 'pending' || status === 'cancelled') return { is: status };
  if (carrier === null || tracking_number === null || dispatched_at === null) throw new Error(`The shipment ${id} is ${status}, but nobody knows how it left.`);
  const left = { parcel: { carrier, trackingNumber: tracking_number }, dispatchedAt: dispatched_at };
  return delivered_at === null ? { is: 'dispatched', ...left } : { is: 'delivered', ...left, deliveredAt: delivered_at };
}

/** What can change of a shipment, in the order of the columns. */
export function changingColumns({ progress, orderCancelledAt }: Shipment): unknown[] {
  const left = progress.is === 'dispatched' || progress.is === 'delivered' ? progress : undefined;
  return [
    progress.is, left?.parcel.carrier ?? null, left?.parcel.trackingNumber ?? null, left?.dispatchedAt ?? null,
    progress.is === 'delivered' ? progress.deliveredAt : null, orderCancelledAt ?? null,
  ];
}
