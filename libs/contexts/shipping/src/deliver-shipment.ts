import { NotFound } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Clock } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { shippingContract } from '../contract/index.js';
import { orderNotice } from './order-notice.saga.js';
import { type Shipment, deliver } from './shipment.js';
import { ShipmentRepository } from './shipment.repository.js';

/** Records that the goods have arrived. The row lock makes it happen once. */
@Injectable()
export class DeliverShipment {
  constructor(
    private readonly shipments: ShipmentRepository,
    private readonly events: Events,
    private readonly sagas: Sagas,
    private readonly clock: Clock,
  ) {}

  /** @throws NotFound, ShipmentNotDeliverable */
  async run(id: string): Promise<{ readonly shipment: Shipment; readonly isNews: boolean }> {
    const before = await this.shipments.lock(id);
    if (!before) throw new NotFound(`There is no shipment ${id}.`);
    const now = this.clock.now();
    const shipment = deliver(before, now);
    if (shipment === before) return { shipment, isNews: false };
    await this.shipments.update(shipment);
    const { orderId, customerId } = shipment;
    this.events.announce(shippingContract.events.shipmentDelivered({ shipmentId: id, orderId, customerId, deliveredAt: now.toISOString() }));
    await this.sagas.start(orderNotice, `${id}/delivered`, { orderId, is: 'delivered' });
    return { shipment, isNews: true };
  }
}
