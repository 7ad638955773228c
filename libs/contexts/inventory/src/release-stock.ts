import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { inventoryContract } from '../contract/index.js';
import { ReservationRepository } from './reservation.repository.js';
import { StockRepository } from './stock.repository.js';

const { releaseStock } = inventoryContract.commands;

/**
 * Gives back whatever an order has reserved or taken, and closes the order for reservations that come late.
 * Holds the order's reservation row, then the shelves in the order of the SKU, until it commits.
 */
@Handles(releaseStock)
export class ReleaseStock {
  constructor(private readonly reservations: ReservationRepository, private readonly stock: StockRepository) {}

  async run({ orderId }: InputOf<typeof releaseStock>): Promise<OutputOf<typeof releaseStock>> {
    const before = await this.reservations.open(orderId, 'released');
    if (!before || before === 'released') return {};

    const lines = await this.reservations.linesOf(orderId);
    await this.stock.lock(lines.map((line) => line.sku));
    await this.stock.move(before === 'reserved' ? 'release' : 'put-back', orderId, lines);
    await this.reservations.setStatus(orderId, 'released');
    return {};
  }
}
