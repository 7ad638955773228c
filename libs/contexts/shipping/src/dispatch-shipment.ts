import { NotFound } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Clock } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { shippingContract } from '../contract/index.js';
import { orderNotice } from './order-notice.saga.js';
import { type Parcel, type Shipment, dispatch } from './shipment.js';
import { ShipmentRepository } from './shipment.repository.js';

/** Records that the goods have left. Of two who record it, and of this and a cancellation, the row lock decides who was first. */
@Injectable()
export class DispatchShipment {
  constructor(
    private readonly shipments: ShipmentRepository,
    private readonly events: Events,
    private readonly sagas: Sagas,
    private readonly clock: Clock,
  ) {}

  /** @throws NotFound, ShipmentNotDispatchable */
  async run(id: string, parcel: Parcel): Promise<{ readonly shipment: Shipment; readonly isNews: boolean }> {
    const before = await this.shipments.lock(id);
    if (!before) throw new NotFound(`There is no shipment ${id}.`);
    const now = this.clock.now();
    const shipment = dispatch(before, parcel, now);
    if (shipment === before) return { shipment, isNews: false };
    await this.shipments.update(shipment);
    const { orderId, customerId } = shipment;
    this.events.announce(shippingContract.events.shipmentDispatched({
      shipmentId: id, orderId, customerId, ...parcel, dispatchedAt: now.toISOString(),
    }));
    await this.sagas.start(orderNotice, `${id}/shipped`, { orderId, is: 'shipped' });
    return { shipment, isNews: true };
  }
}
