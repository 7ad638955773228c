import { ON_ACCOUNT } from '@banyan/payments/contract';
import { orderingContract } from '../contract/index.js';
import { InvalidInput } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Clock, Ids, type Principal } from '@banyan/kernel/runtime';
import { Sagas } from '@banyan/kernel/saga';
import { Injectable } from '@nestjs/common';
import { checkout } from './checkout.saga.js';
import { PaymentMethodMissing, StaffOnly } from './errors.js';
import { type Order, placeOrder } from './order.js';
import { OrderRepository } from './orders.repository.js';
import { OrderingSettings } from './ordering-settings.js';
import { PricedLines, type WantedLine } from './priced-lines.js';

export interface PlaceOrderInput {
  readonly lines: readonly WantedLine[];
  readonly payment?: { readonly method: string } | undefined;
  readonly customerId?: string | undefined;
  readonly placedAt?: string | undefined;
}

/** Takes an order in: prices it, stores it, starts its checkout. */
@Injectable()
export class PlaceOrder {
  constructor(
    private readonly orders: OrderRepository,
    private readonly pricedLines: PricedLines,
    private readonly sagas: Sagas,
    private readonly events: Events,
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: OrderingSettings,
  ) {}

  /** @throws StaffOnly, PaymentMethodMissing, UnknownSku, OrderTooLarge, InvalidInput */
  async run(input: PlaceOrderInput, caller: Principal): Promise<Order> {
    const isStaff = caller.roles.includes('staff');
    if (!isStaff) refuseStaffFields(input);
    const now = this.clock.now();
    const order = placeOrder({
      id: this.ids.next('order'),
      customerId: input.customerId ?? caller.id,
      placedAt: placedAt(input, now),
      paymentMethod: input.payment?.method ?? this.methodFor(isStaff),
      lines: await this.pricedLines.of(input.lines),
    }, now);
    await this.orders.insert(order);
    await this.sagas.start(checkout, order.id, {
      orderId: order.id, customerId: order.customerId, amount: order.total, method: order.paymentMethod,
      lines: order.lines.map(({ sku, quantity }) => ({ sku, quantity })),
    });
    this.events.announce(orderingContract.events.orderPlaced({
      orderId: order.id, customerId: order.customerId, placedAt: order.placedAt.toISOString(), lines: [...order.lines], total: order.total,
    }));
    return order;
  }

  private methodFor(isStaff: boolean): string {
    const method = isStaff ? ON_ACCOUNT : this.settings.defaultPaymentMethod;
    if (method === undefined) {
      throw new PaymentMethodMissing('The order does not say how it is paid.', {}, [{ path: '/payment', message: 'Required in this shop.' }]);
    }
    return method;
  }
}

/** @throws InvalidInput for an order from the future */
function placedAt({ placedAt: given }: PlaceOrderInput, now: Date): Date {
  const instant = given === undefined ? now : new Date(given);
  if (instant > now) throw new InvalidInput('An order cannot be placed in the future.', {}, [{ path: '/placedAt', message: 'Lies in the future.' }]);
  return instant;
}

function refuseStaffFields(input: PlaceOrderInput): void {
  const paths = [
    ...(input.customerId === undefined ? [] : ['/customerId']),
    ...(input.placedAt === undefined ? [] : ['/placedAt']),
    ...(input.payment?.method === ON_ACCOUNT ? ['/payment/method'] : []),
    ...input.lines.flatMap((line, i) => (line.unitPrice === undefined ? [] : [`/lines/${i}/unitPrice`])),
  ];
  if (paths.length > 0) {
    throw new StaffOnly('Only staff may say for whom, when and at what price an order is, or let it go on account.', {}, paths.map((path) => ({ path, message: 'For staff only.' })));
  }
}
