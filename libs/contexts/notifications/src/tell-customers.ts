import type { EventEnvelope, PayloadOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { orderingContract } from '@banyan/ordering/contract';
import { shippingContract } from '@banyan/shipping/contract';
import { Notify } from './notify.js';

const { orderConfirmed, orderRejected, orderCancelled } = orderingContract.events;
const { shipmentDispatched } = shippingContract.events;

@Handles(orderConfirmed)
export class TellOfConfirmation {
  constructor(private readonly notify: Notify) {}

  async run({ orderId, customerId, total }: PayloadOf<typeof orderConfirmed>, { eventId }: EventEnvelope): Promise<void> {
    await this.notify.run({ eventId, customerId, orderId }, { is: 'order-confirmed', total });
  }
}

@Handles(orderRejected)
export class TellOfRejection {
  constructor(private readonly notify: Notify) {}

  async run({ orderId, customerId, reason }: PayloadOf<typeof orderRejected>, { eventId }: EventEnvelope): Promise<void> {
    await this.notify.run({ eventId, customerId, orderId }, { is: 'order-rejected', reason });
  }
}

@Handles(orderCancelled)
export class TellOfCancellation {
  constructor(private readonly notify: Notify) {}

  async run({ orderId, customerId, reason }: PayloadOf<typeof orderCancelled>, { eventId }: EventEnvelope): Promise<void> {
    await this.notify.run({ eventId, customerId, orderId }, { is: 'order-cancelled', reason });
  }
}

@Handles(shipmentDispatched)
export class TellOfDispatch {
  constructor(private readonly notify: Notify) {}

  async run({ orderId, customerId, carrier, trackingNumber }: PayloadOf<typeof shipmentDispatched>, { eventId }: EventEnvelope): Promise<void> {
    await this.notify.run({ eventId, customerId, orderId }, { is: 'shipment-dispatched', carrier, trackingNumber });
  }
}
