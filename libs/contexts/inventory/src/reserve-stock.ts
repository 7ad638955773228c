import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { OutOfStock, ReservationClosed, inventoryContract } from '../contract/index.js';
import { ReservationRepository } from './reservation.repository.js';
import { type Shortage, addUp, shortages } from './stock.js';
import { StockRepository } from './stock.repository.js';

const { reserveStock } = inventoryContract.commands;
const NAMED_IN_MESSAGE = 3;

/**
 * Reserves stock for an order, all lines or none.
 * Holds the order's reservation row, then the shelves in the order of the SKU, until it commits.
 */
@Handles(reserveStock)
export class ReserveStock {
  constructor(private readonly reservations: ReservationRepository, private readonly stock: StockRepository) {}

  async run({ orderId, lines }: InputOf<typeof reserveStock>): Promise<OutputOf<typeof reserveStock>> {
    const before = await this.reservations.open(orderId, 'reserved');
    if (before === 'released') {
      throw new ReservationClosed(`The goods of order ${orderId} were already given back; a reservation that comes late is refused.`, { orderId });
    }
    if (before) return {};

    const wanted = addUp(lines);
    const short = shortages(wanted, await this.stock.lock(wanted.map((line) => line.sku)));
    if (short.length > 0) throw outOfStock(short);
    await this.reservations.storeLines(orderId, wanted);
    await this.stock.move('reserve', orderId, wanted);
    return {};
  }
}

function outOfStock(short: readonly Shortage[]): Error {
  const named = short.slice(0, NAMED_IN_MESSAGE).map((it) => `${it.sku} (${it.wanted} wanted, ${it.available} available)`);
  const rest = short.length - named.length;
  return new OutOfStock(`Not enough of ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`, { shortages: short });
}
