import type { PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { Clock } from '@banyan/kernel/runtime';
import { orderingContract } from '@banyan/ordering/contract';
import { Injectable, Logger } from '@nestjs/common';
import { cancel, needsRecall } from './shipment.js';
import { ShipmentRepository } from './shipment.repository.js';

const { orderCancellationRequested, orderCancelled } = orderingContract.events;

/** Keeps the goods of a cancelled order here. If they have left, that is noted for people, who alone can call them back. */
@Injectable()
export class StopShipment {
  private readonly log = new Logger(StopShipment.name);

  constructor(private readonly shipments: ShipmentRepository, private readonly clock: Clock) {}

  /** Does nothing for an order that was never confirmed: it has no shipment. */
  async run(orderId: string): Promise<void> {
    const shipment = await this.shipments.lockOfOrder(orderId);
    if (!shipment) return;
    const cancelled = cancel(shipment, this.clock.now());
    if (cancelled === shipment) return;
    await this.shipments.update(cancelled);
    if (needsRecall(cancelled)) this.log.warn(`The order ${orderId} is cancelled, but its shipment ${shipment.id} has left. Somebody has to call it back.`);
  }
}

/** Money and goods may take long to come back; the shipment must not leave in the meantime. */
@Handles(orderCancellationRequested)
export class StopOnCancellationRequest {
  constructor(private readonly stopShipment: StopShipment) {}

  async run({ orderId }: PayloadOf<typeof orderCancellationRequested>): Promise<void> {
    await this.stopShipment.run(orderId);
  }
}

@Handles(orderCancelled)
export class StopOnCancellation {
  constructor(private readonly stopShipment: StopShipment) {}

  async run({ orderId }: PayloadOf<typeof orderCancelled>): Promise<void> {
    await this.stopShipment.run(orderId);
  }
}
