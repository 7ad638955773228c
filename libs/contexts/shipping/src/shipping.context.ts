import { defineContext } from '@banyan/kernel/context';
import { orderingContract } from '@banyan/ordering/contract';
import { shippingContract } from '../contract/index.js';
import { DeliverShipment } from './deliver-shipment.js';
import { DispatchShipment } from './dispatch-shipment.js';
import { initial } from './migrations/0001-initial.js';
import { orderNotice } from './order-notice.saga.js';
import { PrepareShipment } from './prepare-shipment.js';
import { ShipmentRepository } from './shipment.repository.js';
import { ShipmentsController } from './shipments.controller.js';
import { StopOnCancellation, StopOnCancellationRequest, StopShipment } from './stop-shipment.js';

const { orderConfirmed, orderCancellationRequested, orderCancelled } = orderingContract.events;

/** Brings the goods of confirmed orders to their customers. */
export const shipping = defineContext({
  name: 'shipping',
  owner: 'team-delivery',
  contract: shippingContract,
  calls: [orderingContract],
  listensTo: [orderConfirmed, orderCancellationRequested, orderCancelled],
  entities: [],
  personal: [],
  migrations: [initial],
  handlers: [PrepareShipment, StopOnCancellationRequest, StopOnCancellation],
  sagas: [orderNotice],
  controllers: [ShipmentsController],
  providers: [ShipmentRepository, StopShipment, DispatchShipment, DeliverShipment],
});
