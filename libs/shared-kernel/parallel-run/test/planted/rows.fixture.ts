import type { PlantedDifference } from '../planted-differences.fixture.js';
import { Cashier, Counter, Drawer, Given, Sales, Stock, Sums } from '../till-parts.fixture.js';
import type { Sale } from '../till-words.fixture.js';

/** Reads the balance before it has the lock, and counts from there. */
class HastyDrawer extends Drawer {
  private readonly seen = new Map<string, number>();

  override async announce(entry: string, pence: number): Promise<void> {
    await super.announce(entry, pence);
    this.seen.set(entry, await this.balance(''));
  }

  override async count(entry: string, pence: number): Promise<number> {
    const balance = (this.seen.get(entry) ?? 0) + pence;
    await this.database.query('UPDATE drawer SET balance = $1', [balance]);
    await this.database.query('UPDATE drawer_entry SET balance = $2 WHERE id = $1', [entry, balance]);
    return balance;
  }
}

const AUCKLAND = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Pacific/Auckland' });
const LONDON = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/London' });

export const plantedRows: readonly PlantedDifference[] = [
  {
    name: 'a penny: halves are rounded to even',
    planted: { instead: [[Sums, class extends Sums { override vat(net: number): number { const vat = super.vat(net); return (net * 175) % 1_000 === 500 && vat % 2 === 1 ? vat - 1 : vat; } }]] },
    found: ['payload events/till.sale-rung/eventId', 'payload events/till.sale-rung/payload/total', 'payload response/value/vat', 'payload rows/sale/vat'],
  },
  {
    name: 'an extra row',
    planted: { instead: [[Sales, class extends Sales { override async remind({ id }: Sale): Promise<void> { await super.remind({ id } as Sale); await this.database.query("INSERT INTO reminder VALUES ($1, 'to be packed')", [id]); } }]] },
    found: ['extra rows/reminder'],
  },
  {
    name: 'a missing row',
    planted: { instead: [[Sales, class extends Sales { override async remind(): Promise<void> {} }]] },
    found: ['missing rows/reminder'],
  },
  {
    name: 'a changed column',
    planted: { instead: [[Sales, class extends Sales { override update(sale: Sale): Promise<void> { return super.update({ ...sale, version: sale.version + 1 }); } }]] },
    found: ['payload rows/sale/version'],
  },
  {
    name: 'a row is deleted instead of changed',
    planted: { instead: [[Counter, class extends Counter {
      override async strike(saleId: string): Promise<void> {
        const sale = await this.sales.find(saleId, 'FOR UPDATE');
        if (this.isTooLate(sale)) return super.strike(saleId);
        await this.sales.forget(sale);
        await this.sales.database.query('DELETE FROM sale WHERE id = $1', [saleId]);
      }
    }]] },
    found: ['payload rows/sale'],
  },
  {
    name: 'a row is changed instead of deleted',
    planted: { instead: [[Sales, class extends Sales { override async forget({ id }: Sale): Promise<void> { await this.database.query("UPDATE reminder SET what = 'done' WHERE sale_id = $1", [id]); } }]] },
    found: ['extra rows/reminder'], // under its old key it is gone on both sides
  },
  {
    name: 'a row in another table',
    planted: { instead: [[Sales, class extends Sales { override async remind({ sku }: Sale): Promise<void> { await this.database.query("INSERT INTO log (position, line) SELECT count(*), $1 FROM log", [sku]); } }]] },
    found: ['extra rows/log', 'missing rows/reminder'],
  },
  {
    name: 'a row in another transaction of the same input',
    planted: { instead: [[Cashier, class extends Cashier {
      override async begin(saleId: string): Promise<Sale> {
        const sale = await super.begin(saleId);
        await this.sales.charge(sale);
        return sale;
      }
      override async finish(sale: Sale, points: number): Promise<void> {
        await this.sales.update({ ...sale, status: 'paid', version: sale.version + 1 });
        await this.sales.forget(sale);
        for (const it of this.announcements.paid(sale, points)) this.events.announce(it);
      }
    }]] },
    found: ['extra rows/charge', 'missing rows/charge'],
  },
  {
    name: 'a transaction less',
    planted: { instead: [[Drawer, class extends Drawer { override async putIn(pence: number): Promise<number> { const entry = this.given.ids.next('entry'); return this.database.transaction(async () => { await this.announce(entry, pence); return this.count(entry, pence); }); } }]] },
    found: ['extra rows/drawer', 'missing rows/drawer', 'missing rows/drawer_entry', 'schema rows/drawer_entry/balance'],
  },
  {
    name: 'a transaction more',
    planted: { instead: [[Drawer, class extends Drawer { override async putIn(pence: number): Promise<number> { const balance = await super.putIn(pence); await this.database.transaction(() => this.database.query('UPDATE drawer SET balance = balance + 1')); return balance; } }]] },
    found: ['extra rows/drawer'],
  },
  {
    name: 'a time zone: the day in Auckland',
    planted: { instead: [[Sums, class extends Sums { override dayOf(at: Date): string { return AUCKLAND.format(at); } }]] },
    found: ['payload response/body/soldOn', 'payload rows/sale/sold_on'],
  },
  {
    name: 'a time zone: the day in London, another one on summer evenings only',
    planted: { instead: [[Sums, class extends Sums { override dayOf(at: Date): string { return LONDON.format(at); } }]] },
    found: ['payload rows/sale/sold_on'],
  },
  {
    name: 'a lost null: empty text in its place',
    planted: { instead: [[Counter, class extends Counter { override noted(note: string | null): string | null { return note ?? ''; } }]] },
    found: ['payload events/till.sale-rung/eventId', 'schema events/till.sale-rung/payload/note', 'schema response/body/note', 'schema rows/sale/note'],
  },
  {
    name: 'null in the place of empty text',
    planted: { instead: [[Counter, class extends Counter { override noted(note: string | null): string | null { return note === '' ? null : note; } }]] },
    found: ['payload events/till.sale-rung/eventId', 'schema events/till.sale-rung/payload/note', 'schema rows/sale/note'],
  },
  {
    name: 'the clock of the machine',
    planted: { instead: [[Given, class extends Given { override now(): Date { return new Date(); } }]] },
    found: ['payload response/body/soldAt', 'payload rows/sale/sold_at'],
  },
  {
    name: 'chance that is not pinned',
    planted: { instead: [[Given, class extends Given { override receipt(): number { return 1_000_000 + Math.floor(Math.random() * 1_000_000); } }]] },
    found: ['payload events/till.receipt-printed/eventId', 'payload events/till.receipt-printed/payload/receipt', 'payload rows/sale/receipt'],
  },
  {
    name: 'ids from another stream',
    planted: { instead: [[Given, class extends Given { override saleId(): string { return this.ids.next('ticket'); } }]] },
    found: ['extra events/till.receipt-printed', 'extra events/till.sale-rung', 'extra rows/reminder', 'extra rows/sale', 'missing events/till.receipt-printed', 'missing events/till.sale-rung', 'missing rows/reminder', 'missing rows/sale', 'payload response/body/id', 'payload response/headers/etag', 'payload response/headers/location', 'payload response/value/saleId'],
  },
  {
    name: 'the last write wins: an amount is set where it is to be added',
    planted: { instead: [[Stock, class extends Stock { override async lost(sku: string, quantity: number): Promise<void> { await this.database.query('UPDATE stock SET quantity = $2 WHERE sku = $1', [sku, quantity]); } }]] },
    found: ['payload rows/stock/quantity'],
  },
  {
    name: 'a race over two transactions: counts from a balance that was read before the lock',
    planted: { instead: [[Drawer, HastyDrawer]] },
    found: ['payload rows/drawer/balance', 'payload rows/drawer_entry/balance'],
  },
  {
    name: 'a race within one transaction: the lock is left out',
    planted: { instead: [[Drawer, class extends Drawer { override balance(): Promise<number> { return super.balance(''); } }]] },
    found: [],
    missed: 'The copy plays one transaction after the other, in the order in which the original committed them. What two of them would do to each other at the same moment without the lock does not happen there.',
  },
];
