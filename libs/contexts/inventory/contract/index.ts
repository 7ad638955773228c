import { NotFound, command, defineContract, defineError, idSchema, skuSchema } from '@banyan/kernel/contract';
import { z } from 'zod';

export const OutOfStock = defineError({
  code: 'out-of-stock', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'There is less of an article than was asked for. Order less of it, or wait for a delivery.',
});

export const ReservationClosed = defineError({
  code: 'reservation-closed', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The goods of this order were already given back; nothing can be reserved or taken for it any more. Place a new order.',
});

/** One article may stand in several lines; the quantities add up. */
const stockLines = z.array(z.strictObject({ sku: skuSchema, quantity: z.int().min(1).max(1_000_000) })).min(1).max(2_000);
const nothing = z.strictObject({});

/** Reserves stock for an order: all lines or none. */
const reserveStock = command('inventory.reserve-stock', {
  input: z.strictObject({ orderId: idSchema, lines: stockLines }),
  output: nothing,
  errors: [OutOfStock, ReservationClosed],
});

/**
 * The reserved goods leave the shelf. A reservation that was given back in the meantime stays so, and the answer
 * says it. Not found: nothing was ever reserved for the order.
 */
const takeStock = command('inventory.take-stock', {
  input: z.strictObject({ orderId: idSchema }),
  output: z.strictObject({ is: z.enum(['taken', 'released']) }),
  errors: [NotFound],
});

/**
 * Gives back whatever an order has reserved or taken. Safe when it holds nothing: the order is then closed,
 * so that a reservation that comes late is refused.
 */
const releaseStock = command('inventory.release-stock', {
  input: z.strictObject({ orderId: idSchema }),
  output: nothing,
});

/** Goods come back from a customer: on hand grows. */
const returnStock = command('inventory.return-stock', {
  input: z.strictObject({ returnId: idSchema, lines: stockLines }),
  output: nothing,
});

export const inventoryContract = defineContract({
  name: 'inventory',
  commands: { reserveStock, takeStock, releaseStock, returnStock },
  queries: {},
  events: {},
});
