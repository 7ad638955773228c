import type { PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { orderingContract } from '@banyan/ordering/contract';
import { requestShipment } from './shipment.js';
import { ShipmentRepository } from './shipment.repository.js';

const { orderConfirmed } = orderingContract.events;

/** Makes the shipment of a confirmed order. What is to be packed the order itself tells. */
@Handles(orderConfirmed)
export class PrepareShipment {
  constructor(private readonly shipments: ShipmentRepository, private readonly ids: Ids, private readonly clock: Clock) {}

  async run({ orderId, customerId }: PayloadOf<typeof orderConfirmed>): Promise<void> {
    await this.shipments.add(requestShipment({ id: this.ids.next('shipment'), orderId, customerId }, this.clock.now()));
  }
}
