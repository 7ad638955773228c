import { randomUUID } from 'node:crypto';
import { identityContract } from '@banyan/identity/contract';
import type { EventDraft } from '@banyan/kernel/contract';
import { type ContextUnderTest, type TestResponse, contextUnderTest } from '@banyan/kernel/testing';
import { orderingContract } from '@banyan/ordering/contract';
import { shippingContract } from '@banyan/shipping/contract';
import { NotificationsSettings, notifications } from '../index.js';

const reason = { code: 'out-of-stock', message: 'Not enough of A-1.' };

export interface Customer {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

/** Notifications alone, with mail to wherever the settings say. */
export class NotificationsUnderTest {
  private constructor(readonly ctx: ContextUnderTest) {}

  static async open(settings: Partial<NotificationsSettings>): Promise<NotificationsUnderTest> {
    const value: NotificationsSettings = { from: 'shop@shop.example', folder: '/nonexistent', ...settings };
    return new NotificationsUnderTest(await contextUnderTest(notifications, {
      providers: [{ provide: NotificationsSettings, useValue: value }],
      sagas: { firstPauseMs: 5, longestPauseMs: 50, pollMs: 50 },
    }));
  }

  someCustomer(): Customer {
    const id = randomUUID();
    return { id, name: 'Mary Ann', email: `${id}@example.org` };
  }

  async register({ id, name, email }: Customer): Promise<void> {
    await this.ctx.announce(identityContract.events.userRegistered({ userId: id, name, email }));
  }

  /** Somebody with an address. */
  async registered(): Promise<Customer> {
    const customer = this.someCustomer();
    await this.register(customer);
    await this.ctx.settle();
    return customer;
  }

  /** Lets the neighbours announce everything that concerns customers, for one order; answers with its id. */
  async everything(customerId: string): Promise<string> {
    const orderId = randomUUID();
    for (const draft of eventsOf(orderId, customerId)) await this.ctx.announce(draft);
    return orderId;
  }

  /** Lets ordering reject an order; answers with the order's id. */
  async rejected(customerId: string | null): Promise<string> {
    const orderId = randomUUID();
    await this.ctx.announce(orderingContract.events.orderRejected({ orderId, customerId, reason }));
    return orderId;
  }

  list({ id }: Pick<Customer, 'id'>, query = ''): Promise<TestResponse> {
    return this.ctx.http('GET', `/v1/notifications${query}`, { as: { id, roles: ['customer'] } });
  }

  async statuses(customer: Pick<Customer, 'id'>): Promise<string[]> {
    return (await this.list(customer)).body.data.map((it: { status: string }) => it.status);
  }

  /** The rows of a customer, with what the API does not show. */
  rows({ id }: Pick<Customer, 'id'>): Promise<{ status: string; attempts: number; failure: string | null }[]> {
    return this.ctx.database.query('SELECT status, attempts, failure FROM notification WHERE customer_id = $1 ORDER BY id', [id]);
  }
}

function eventsOf(orderId: string, customerId: string): EventDraft[] {
  const total = { amount: 1_250, currency: 'GBP' as const };
  const { orderConfirmed, orderRejected, orderCancelled } = orderingContract.events;
  return [
    orderConfirmed({
      orderId, customerId, placedAt: '2011-01-04T10:00:00.000Z', confirmedAt: '2011-01-04T10:00:01.000Z', total, lines: [{ sku: 'A-1', quantity: 1, unitPrice: total }],
    }),
    orderRejected({ orderId, customerId, reason }),
    orderCancelled({ orderId, customerId, reason }),
    shippingContract.events.shipmentDispatched({
      shipmentId: randomUUID(), orderId, customerId, carrier: 'Royal Mail', trackingNumber: 'RM-1', dispatchedAt: '2011-01-05T10:00:00.000Z',
    }),
  ];
}
