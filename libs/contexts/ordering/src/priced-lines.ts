import { catalogContract } from '@banyan/catalog/contract';
import type { ClientOf } from '@banyan/kernel/contract';
import { Client } from '@banyan/kernel/rpc';
import { money } from '@banyan/kernel/words';
import { Injectable } from '@nestjs/common';
import { UnknownSku } from './errors.js';
import type { OrderLine } from './order.js';

/** A line as it was asked for; without `unitPrice` (minor units) the catalogue's price holds. */
export interface WantedLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice?: number | undefined;
}

/** Finds the price of every line. */
@Injectable()
export class PricedLines {
  constructor(@Client(catalogContract) private readonly catalog: ClientOf<typeof catalogContract>) {}

  /** @throws UnknownSku naming every line whose article the catalogue does not know */
  async of(lines: readonly WantedLine[]): Promise<OrderLine[]> {
    const { products } = await this.catalog.priceProducts({ skus: [...new Set(lines.map((line) => line.sku))] });
    const prices = new Map(products.map((product) => [product.sku, product.price]));
    const unknown = lines.flatMap((line, i) => (prices.has(line.sku) ? [] : [{ path: `/lines/${i}/sku`, message: 'Unknown article.' }]));
    if (unknown.length > 0) throw new UnknownSku('Some lines name articles that the catalogue does not have.', {}, unknown);
    return lines.map(({ sku, quantity, unitPrice }) => ({
      sku, quantity, unitPrice: unitPrice === undefined ? (prices.get(sku) ?? money(0)) : money(unitPrice),
    }));
  }
}
