import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Handles } from '@banyan/kernel/rpc';
import { inventoryContract } from '../contract/index.js';
import { ReturnRepository } from './return.repository.js';
import { addUp } from './stock.js';
import { StockRepository } from './stock.repository.js';

const { returnStock } = inventoryContract.commands;

/**
 * Goods come back from a customer, also of an article that was never on a shelf here.
 * The row of the return decides who books it; the shelves are locked in the order of the SKU until it commits.
 */
@Handles(returnStock)
export class ReturnStock {
  constructor(private readonly returns: ReturnRepository, private readonly stock: StockRepository) {}

  async run({ returnId, lines }: InputOf<typeof returnStock>): Promise<OutputOf<typeof returnStock>> {
    const isNew = await this.returns.open(returnId);
    if (isNew) await this.stock.bring('return', returnId, addUp(lines));
    return {};
  }
}
