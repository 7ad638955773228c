import type { PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { shippingContract } from '@banyan/shipping/contract';
import { OrderReportRepository } from './order-report.repository.js';

const { shipmentDispatched, shipmentDelivered } = shippingContract.events;

@Handles(shipmentDispatched)
export class NoteShipmentDispatched {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId, shipmentId, carrier, trackingNumber }: PayloadOf<typeof shipmentDispatched>): Promise<void> {
    await this.reports.noteShipment({ orderId, shipmentId, carrier, trackingNumber });
  }
}

/** Comes after the dispatch: both are told in the order of their shipment. */
@Handles(shipmentDelivered)
export class NoteShipmentDelivered {
  constructor(private readonly reports: OrderReportRepository) {}

  async run({ orderId }: PayloadOf<typeof shipmentDelivered>): Promise<void> {
    await this.reports.noteDelivery(orderId);
  }
}
