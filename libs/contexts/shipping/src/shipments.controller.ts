import { NotFound, cursorPage, idSchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, type Reply, Roles, SignedIn, caller, page, readCursor } from '@banyan/kernel/http';
import type { Principal } from '@banyan/kernel/runtime';
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DeliverShipment } from './deliver-shipment.js';
import { DispatchShipment } from './dispatch-shipment.js';
import { ShipmentNotDeliverable, ShipmentNotDispatchable } from './errors.js';
import { parcelSchema, presentShipment, shipmentListQuery, shipmentSchema } from './shipment-view.js';
import { ShipmentRepository } from './shipment.repository.js';

const ofShipment = z.strictObject({ id: idSchema });
type OfShipment = z.output<typeof ofShipment>;

@Controller('v1/shipments')
@ApiTags('shipping')
export class ShipmentsController {
  constructor(
    private readonly shipments: ShipmentRepository,
    private readonly dispatchShipment: DispatchShipment,
    private readonly deliverShipment: DeliverShipment,
  ) {}

  @Get()
  @SignedIn()
  @Answers(200, cursorPage(shipmentSchema), 'Shipments, newest first: a customer sees their own, staff see all.')
  async list(@Query({ schema: shipmentListQuery }) { orderId, status, recall, limit, cursor }: z.output<typeof shipmentListQuery>) {
    const reader = caller();
    const found = await this.shipments.list({
      customerId: isStaff(reader) ? undefined : reader.id,
      orderId, status, recall: recall === 'true',
      before: readCursor(cursor, idSchema),
      limit: limit + 1,
    });
    const { data, ...rest } = page(found, limit, (shipment) => shipment.id);
    return { data: data.map(presentShipment), ...rest };
  }

  @Get(':id')
  @SignedIn()
  @Answers(200, shipmentSchema, 'The shipment as it stands.')
  @Fails(NotFound)
  async show(@Param({ schema: ofShipment }) { id }: OfShipment) {
    const [shipment, reader] = [await this.shipments.find(id), caller()];
    if (!shipment || !(isStaff(reader) || shipment.customerId === reader.id)) throw new NotFound(`There is no shipment ${id}.`);
    return presentShipment(shipment);
  }

  @Post(':id/dispatches')
  @Roles('staff')
  @Idempotent()
  @Answers(201, shipmentSchema, 'The goods have left.')
  @Answers(200, shipmentSchema, 'They had left already, with this carrier under this number.')
  @Fails(NotFound, ShipmentNotDispatchable)
  async dispatch(
    @Param({ schema: ofShipment }) { id }: OfShipment,
    @Body({ schema: parcelSchema }) parcel: z.output<typeof parcelSchema>,
    @Res({ passthrough: true }) reply: Reply,
  ) {
    const { shipment, isNews } = await this.dispatchShipment.run(id, parcel);
    reply.status(isNews ? 201 : 200);
    return presentShipment(shipment);
  }

  @Post(':id/deliveries')
  @Roles('staff')
  @Idempotent()
  @Answers(201, shipmentSchema, 'The goods have arrived.')
  @Answers(200, shipmentSchema, 'They had arrived already.')
  @Fails(NotFound, ShipmentNotDeliverable)
  async deliver(@Param({ schema: ofShipment }) { id }: OfShipment, @Res({ passthrough: true }) reply: Reply) {
    const { shipment, isNews } = await this.deliverShipment.run(id);
    reply.status(isNews ? 201 : 200);
    return presentShipment(shipment);
  }
}

function isStaff(reader: Principal): boolean {
  return reader.roles.includes('staff');
}
