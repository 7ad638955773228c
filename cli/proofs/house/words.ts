import { command, defineContract, defineError, event } from '@banyan/kernel/contract';
import { z } from 'zod';

/**
 * What the proofs' own shop speaks: small enough to know at any time what must have happened. A customer's events carry
 * n = 1, 2, 3 … in the order of the commits, so every listener must hear exactly that.
 */
export const OrderClosed = defineError({
  code: 'proof-order-closed', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'The order was called off. Place another one.',
});

const order = z.strictObject({ orderId: z.string() });
const placed = z.strictObject({ orderId: z.string(), customer: z.string() });
const numbered = z.strictObject({ customer: z.string(), n: z.int(), what: z.string() });
const done = z.strictObject({});

export const shopContract = defineContract({
  name: 'shop',
  commands: { place: command('shop.place', { input: placed, output: done }) },
  queries: {},
  events: {
    happened: event('shop.customer-served', { version: 1, aggregateType: 'customer', aggregateId: (it) => it.customer, payload: numbered }),
  },
});

export const storeContract = defineContract({
  name: 'store',
  commands: {
    reserve: command('store.reserve', { input: order, output: z.strictObject({ shelf: z.string() }), errors: [OrderClosed] }),
    release: command('store.release', { input: order, output: done }),
    ship: command('store.ship', { input: z.strictObject({ orderId: z.string(), shelf: z.string() }), output: done }),
  },
  queries: {},
  events: {},
});

const charged = z.discriminatedUnion('is', [z.strictObject({ is: z.literal('charged') }), z.strictObject({ is: z.literal('declined') })]);

export const bankContract = defineContract({
  name: 'bank',
  commands: {
    charge: command('bank.charge', { input: order, output: charged, errors: [OrderClosed] }),
    refund: command('bank.refund', { input: order, output: done }),
  },
  queries: {},
  events: {},
});

export const booksContract = defineContract({
  name: 'books',
  commands: {},
  queries: {},
  events: {
    entered: event('books.entry-made', { version: 1, aggregateType: 'customer', aggregateId: (it) => it.customer, payload: numbered }),
  },
});

export const orderState = z.strictObject({ orderId: z.string(), customer: z.string(), shelf: z.string().optional() });
export type OrderState = z.output<typeof orderState>;

/** Orders whose number ends like this are declined by the bank: their sagas must turn back. */
export const isDeclined = (orderId: string): boolean => orderId.endsWith('d');
