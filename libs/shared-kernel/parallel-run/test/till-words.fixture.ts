import { z } from 'zod';
import { type InputOf, type OutputOf, command, defineContract, defineError, event, idSchema, query } from '../../contract/index.js';

export const SaleIsPaid = defineError({ code: 'test-sale-is-paid', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'The sale was paid. Give its money back instead.' });
export const EmailIsTaken = defineError({ code: 'test-email-is-taken', http: 409, grpc: 'ALREADY_EXISTS', retryable: false, help: 'Somebody has joined with this address. Use another one.' });
export const CardDeclined = defineError({ code: 'test-card-declined', http: 422, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'The card was declined. Use another one.' });

const goods = z.strictObject({ sku: z.string(), quantity: z.int() });
const ofSale = z.strictObject({ saleId: idSchema });
const nothing = z.strictObject({});

/** Tells of goods. */
export const depotContract = defineContract({
  name: 'depot', commands: {}, queries: {},
  events: {
    goodsArrived: event('depot.goods-arrived', { version: 1, aggregateType: 'goods', aggregateId: (it) => it.sku, payload: goods }),
    goodsLost: event('depot.goods-lost', { version: 1, aggregateType: 'goods', aggregateId: (it) => it.sku, payload: goods }),
  },
});

/** Knows how many points a purchase is worth. */
export const clubContract = defineContract({
  name: 'club', commands: {}, events: {},
  queries: { pointsFor: query('club.points-for', { input: z.strictObject({ pence: z.int() }), output: z.strictObject({ points: z.int() }) }) },
});

const saleRung = z.strictObject({ saleId: idSchema, sku: z.string(), quantity: z.int(), total: z.int(), note: z.string().nullable() });

/** A till in a shop: it rings sales up, takes their money, and counts its drawer and its stock. */
export const tillContract = defineContract({
  name: 'till',
  commands: {
    join: command('till.join', { input: z.strictObject({ email: z.string(), name: z.string().nullable() }), output: z.strictObject({ customerId: idSchema }), errors: [EmailIsTaken] }),
    ring: command('till.ring', { input: z.strictObject({ sku: z.string(), quantity: z.int(), price: z.int() }), output: z.strictObject({ saleId: idSchema, vat: z.int() }) }),
    pay: command('till.pay', { input: ofSale, output: z.looseObject({ is: z.literal('paid'), points: z.int() }), errors: [CardDeclined, SaleIsPaid] }),
    note: command('till.note', { input: z.strictObject({ saleId: idSchema, note: z.string().nullable() }), output: z.strictObject({ version: z.int() }) }),
    strike: command('till.strike', { input: ofSale, output: nothing, errors: [SaleIsPaid] }),
    putIn: command('till.put-in', { input: z.strictObject({ pence: z.int() }), output: z.strictObject({ balance: z.int() }) }),
    takeOut: command('till.take-out', { input: z.strictObject({ pence: z.int() }), output: z.strictObject({ balance: z.int() }) }),
    closeDay: command('till.close-day', { input: z.strictObject({ day: z.string() }), output: nothing }),
  },
  queries: {
    takings: query('till.takings', { input: z.strictObject({ day: z.string() }), output: z.strictObject({ pence: z.int(), sales: z.int() }) }),
  },
  events: {
    saleRung: event('till.sale-rung', { version: 1, aggregateType: 'sale', aggregateId: (it) => it.saleId, payload: saleRung }),
    receiptPrinted: event('till.receipt-printed', { version: 1, aggregateType: 'sale', aggregateId: (it) => it.saleId, payload: z.strictObject({ saleId: idSchema, receipt: z.int() }) }),
    salePaid: event('till.sale-paid', { version: 1, aggregateType: 'sale', aggregateId: (it) => it.saleId, payload: z.strictObject({ saleId: idSchema, points: z.int() }) }),
    dayClosed: event('till.day-closed', { version: 1, aggregateType: 'day', aggregateId: (it) => it.day, payload: z.strictObject({ day: z.string(), pence: z.int() }) }),
    customerJoined: event('till.customer-joined', { version: 1, aggregateType: 'customer', aggregateId: (it) => it.customerId, payload: z.strictObject({ customerId: idSchema, email: z.string() }) }),
  },
});

export type CommandOf<K extends keyof typeof tillContract.commands> = InputOf<(typeof tillContract.commands)[K]>;
export type ReplyOf<K extends keyof typeof tillContract.commands> = OutputOf<(typeof tillContract.commands)[K]>;

/** A sale as its table has it. Money in pence. */
export interface Sale {
  readonly id: string;
  readonly sku: string;
  readonly quantity: number;
  readonly net: number;
  readonly vat: number;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly status: 'open' | 'paying' | 'paid' | 'struck';
  readonly receipt: number;
  readonly soldAt: Date;
  readonly soldOn: string;
  readonly version: number;
}

export const saleWish = z.strictObject({
  sku: z.string(), quantity: z.int().min(1), price: z.int().min(0), note: z.string().nullable().default(null), tags: z.array(z.string()).default([]),
  /** When the customer stood there, where that was earlier. */
  at: z.iso.datetime().optional(),
});
export type SaleWish = z.output<typeof saleWish>;
