import { Database } from '@banyan/kernel/persistence';
import { Clock } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { type Offer, type VersionedProduct, withOffer } from './product.js';
import { ProductRepository } from './product.repository.js';

/** What was stored, and whether it is new in the catalogue. */
export interface PutResult {
  readonly stored: VersionedProduct;
  readonly isNew: boolean;
}

/** Says whether the product as it stands (or its absence) is what the caller expects, and throws if not. */
export type Precondition = (current: VersionedProduct | undefined) => void;

/**
 * Puts a product into the catalogue, or changes it.
 * The row lock, held until commit, makes the precondition and the change one step. Two who add the same SKU at once
 * are told apart by the primary key: the second waits for the first, then finds a product to change.
 */
@Injectable()
export class PutProduct {
  constructor(
    private readonly database: Database,
    private readonly products: ProductRepository,
    private readonly clock: Clock,
  ) {}

  /** @throws whatever the precondition throws; nothing is stored then */
  async run(sku: string, offer: Offer, precondition: Precondition): Promise<PutResult> {
    return this.database.transaction(async () => {
      const current = await this.products.lock(sku);
      precondition(current);
      if (current) return this.change(current, offer);
      return await this.add(sku, offer) ?? this.changeRival(sku, offer, precondition);
    });
  }

  private async add(sku: string, offer: Offer): Promise<PutResult | undefined> {
    const created: VersionedProduct = { product: { sku, ...offer }, version: 1 };
    const added = await this.products.add(created, this.clock.now());
    return added === 'added' ? { stored: created, isNew: true } : undefined;
  }

  private async change(current: VersionedProduct, offer: Offer): Promise<PutResult> {
    const changed = withOffer(current, offer);
    if (changed !== current) await this.products.change(changed, this.clock.now());
    return { stored: changed, isNew: false };
  }

  /** Somebody added it between our look and our insert. Products are never removed, so now it is there to stay. */
  private async changeRival(sku: string, offer: Offer, precondition: Precondition): Promise<PutResult> {
    const current = await this.products.lock(sku);
    if (!current) throw new Error(`Product ${sku} exists and does not: somebody removes products.`);
    precondition(current);
    return this.change(current, offer);
  }
}
