import { type InputOf, NotFound, type OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { inventoryContract } from '../contract/index.js';
import { ReservationRepository } from './reservation.repository.js';
import { StockRepository } from './stock.repository.js';

const { takeStock } = inventoryContract.commands;

/**
 * The reserved goods of an order leave the shelf.
 * Holds the order's reservation row, then the shelves in the order of the SKU, until it commits.
 */
@Handles(takeStock)
export class TakeStock {
  constructor(private readonly reservations: ReservationRepository, private readonly stock: StockRepository) {}

  async run({ orderId }: InputOf<typeof takeStock>): Promise<OutputOf<typeof takeStock>> {
    const status = await this.reservations.lock(orderId);
    if (!status) throw new NotFound(`Nothing was ever reserved for order ${orderId}: there is nothing to take. Reserve first.`, { orderId });
    if (status !== 'reserved') return { is: status };

    const lines = await this.reservations.linesOf(orderId);
    await this.stock.lock(lines.map((line) => line.sku));
    await this.stock.move('take', orderId, lines);
    await this.reservations.setStatus(orderId, 'taken');
    return { is: 'taken' };
  }
}
