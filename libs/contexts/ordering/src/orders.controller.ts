import { NotFound, idSchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, type Reply, SignedIn, caller, page, readCursor } from '@banyan/kernel/http';
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CancelOrder } from './cancel-order.js';
import { OrderNotCancellable, OrderTooLarge, PaymentMethodMissing, StaffOnly, UnknownSku } from './errors.js';
import { GetOrder } from './get-order.js';
import { OrderRepository } from './orders.repository.js';
import {
  cancelOrderSchema, orderListQuery, orderListSchema, orderSchema, placeOrderSchema, presentOrder, presentSummary,
} from './order-schemas.js';
import { PlaceOrder } from './place-order.js';

const orderId = z.strictObject({ id: idSchema });

@Controller('v1/orders')
@ApiTags('ordering')
export class OrdersController {
  constructor(
    private readonly placeOrder: PlaceOrder,
    private readonly getOrder: GetOrder,
    private readonly cancelOrder: CancelOrder,
    private readonly orders: OrderRepository,
  ) {}

  @Post()
  @SignedIn()
  @Idempotent()
  @Answers(202, orderSchema, 'The order was taken in; its checkout has started. Follow `Location`.')
  @Fails(StaffOnly, UnknownSku, OrderTooLarge, PaymentMethodMissing)
  async place(@Body({ schema: placeOrderSchema }) body: z.output<typeof placeOrderSchema>, @Res({ passthrough: true }) reply: Reply) {
    const order = await this.placeOrder.run(body, caller());
    reply.header('Location', `/v1/orders/${order.id}`);
    return presentOrder(order);
  }

  @Get()
  @SignedIn()
  @Answers(200, orderListSchema, 'Orders, newest first: a customer sees their own, staff see all.')
  async list(@Query({ schema: orderListQuery }) { limit, cursor, status }: z.output<typeof orderListQuery>) {
    const reader = caller();
    const rows = await this.orders.list({
      customerId: reader.roles.includes('staff') ? undefined : reader.id,
      status,
      before: readCursor(cursor, idSchema),
      limit: limit + 1,
    });
    const { data, ...rest } = page(rows, limit, (row) => row.id);
    return { data: data.map(presentSummary), ...rest };
  }

  @Get(':id')
  @SignedIn()
  @Answers(200, orderSchema, 'The order as it stands.')
  @Fails(NotFound)
  async get(@Param({ schema: orderId }) { id }: z.output<typeof orderId>) {
    return presentOrder(await this.getOrder.run(id, caller()));
  }

  @Post(':id/cancellations')
  @SignedIn()
  @Idempotent()
  @Answers(202, orderSchema, 'The wish was noted; the order turns `cancelled` when money and goods are back.')
  @Fails(NotFound, OrderNotCancellable)
  async cancel(@Param({ schema: orderId }) { id }: z.output<typeof orderId>, @Body({ schema: cancelOrderSchema }) { reason }: z.output<typeof cancelOrderSchema>) {
    return presentOrder(await this.cancelOrder.run(id, reason, caller()));
  }
}
