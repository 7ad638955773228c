import { Database } from '@banyan/kernel/persistence';
import { money } from '@banyan/kernel/words';
import { Injectable } from '@nestjs/common';
import { folded, type Product, searchText, type VersionedProduct } from './product.js';

interface ProductRow {
  sku: string;
  name: string;
  price_amount: number;
  price_currency: 'GBP';
  version: number;
}

const COLUMNS = 'sku, name, price_amount, price_currency, version';

/** The only file that knows the table `product`. */
@Injectable()
export class ProductRepository {
  constructor(private readonly database: Database) {}

  /** Served by the primary key. */
  async find(sku: string): Promise<VersionedProduct | undefined> {
    const [row] = await this.database.query<ProductRow>(`select ${COLUMNS} from product where sku = $1`, [sku]);
    return row && toProduct(row);
  }

  /** Reads a product and keeps others from changing it until commit. Served by the primary key. */
  async lock(sku: string): Promise<VersionedProduct | undefined> {
    const [row] = await this.database.query<ProductRow>(`select ${COLUMNS} from product where sku = $1 for update`, [sku]);
    return row && toProduct(row);
  }

  /** The products among these, in no particular order. Served by the primary key. */
  async findAll(skus: readonly string[]): Promise<Product[]> {
    const rows = await this.database.query<ProductRow>(`select ${COLUMNS} from product where sku = any ($1)`, [skus]);
    return rows.map((row) => toProduct(row).product);
  }

  /**
   * Products after the given SKU, in byte order.
   * The primary key gives order and start. A search filters while it walks the key and stops when the page is full:
   * quick for what is frequent, a walk through the whole catalogue for what is rare (no index serves "contains"
   * without the pg_trgm extension, which not every PostgreSQL has). `strpos` knows no wildcards, so nothing is escaped.
   */
  async list(after: string, search: string, limit: number): Promise<Product[]> {
    const rows = await this.database.query<ProductRow>(
      `select ${COLUMNS} from product where sku > $1 and ($2 = '' or strpos(search_text, $2) > 0) order by sku limit $3`,
      [after, folded(search), limit],
    );
    return rows.map((row) => toProduct(row).product);
  }

  /** Adds a product unless there is one; of two at the same time the second waits for the first to commit. Served by the primary key. */
  async add({ product, version }: VersionedProduct, at: Date): Promise<'added' | 'exists'> {
    const added = await this.database.query(
      `insert into product (sku, name, price_amount, price_currency, version, changed_at, search_text)
       values ($1, $2, $3, $4, $5, $6, $7) on conflict (sku) do nothing returning sku`,
      [product.sku, product.name, product.price.amount, product.price.currency, version, at, searchText(product)],
    );
    return added.length > 0 ? 'added' : 'exists';
  }

  /** Served by the primary key; the caller holds the row's lock. */
  async change({ product, version }: VersionedProduct, at: Date): Promise<void> {
    await this.database.query(
      `update product set name = $2, price_amount = $3, price_currency = $4, version = $5, changed_at = $6, search_text = $7
       where sku = $1`,
      [product.sku, product.name, product.price.amount, product.price.currency, version, at, searchText(product)],
    );
  }
}

function toProduct(row: ProductRow): VersionedProduct {
  const price = money(row.price_amount, row.price_currency);
  return { product: { sku: row.sku, name: row.name, price }, version: row.version };
}
