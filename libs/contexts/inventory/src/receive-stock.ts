import { Ids } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import type { StockLevel } from './stock.js';
import { StockRepository } from './stock.repository.js';

/** A delivery of one article is put on its shelf; the first one makes the shelf. */
@Injectable()
export class ReceiveStock {
  constructor(private readonly stock: StockRepository, private readonly ids: Ids) {}

  async run(sku: string, quantity: number): Promise<StockLevel> {
    const [level] = await this.stock.bring('receipt', this.ids.next('receipt'), [{ sku, quantity }]);
    if (!level) throw new Error(`The receipt of ${sku} left no shelf behind.`);
    return level;
  }
}
