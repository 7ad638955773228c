import { asSet, defineComparison, sameIds, tolerance, within } from '../../../comparison/index.js';
import type { Reply } from '../../../http/index.js';
import type { PlantedDifference } from '../planted-differences.fixture.js';
import { Given, Presenter, Sales, Sums } from '../till-parts.fixture.js';
import type { Sale } from '../till-words.fixture.js';

const shuffled = class extends Presenter { override body(sale: Sale): object { return { ...super.body(sale), tags: sale.tags.toReversed() }; } };
const lately = class extends Given { override now(): Date { return new Date(super.now().getTime() + 800); } };
const round = class extends Sums { override vat(net: number): number { return super.vat(net) + 1; } };
const pennies = (most: number) => defineComparison({ fields: { '**/vat': tolerance(most), '**/total': tolerance(most), 'rows/charge/pence': tolerance(most), 'calls/**/pence': tolerance(most), 'events/*/eventId': sameIds('event') } });

export const plantedRules: readonly PlantedDifference[] = [
  { name: 'a list in another order, declared a set', planted: { instead: [[Presenter, shuffled]], comparison: defineComparison({ fields: { 'response/body/**/tags': asSet() } }) }, found: [] },
  {
    name: 'another element of a list that is declared a set',
    planted: { instead: [[Presenter, class extends Presenter { override body(sale: Sale): object { return { ...super.body(sale), tags: sale.tags.map((it) => (it === 'red' ? 'rosy' : it)) }; } }]], comparison: defineComparison({ fields: { 'response/body/**/tags': asSet() } }) },
    found: ['payload response/body/data/*/tags/*', 'payload response/body/tags/*'],
  },
  { name: 'ids of its own, declared the same', planted: { instead: [[Given, class extends Given { override saleId(): string { return this.ids.next('ticket'); } }]], comparison: defineComparison({ fields: {
    'rows/sale/id': sameIds('sale'), 'rows/reminder/sale_id': sameIds('sale'), 'response/body/id': sameIds('sale'), 'response/value/saleId': sameIds('sale'), 'events/*/aggregateId': sameIds('sale'),
    'events/*/payload/saleId': sameIds('sale'), 'events/*/eventId': sameIds('event'), 'response/headers/location': sameIds('location'), 'response/headers/etag': sameIds('etag'),
  } }) }, found: [] },
  { name: 'one id for all that are declared the same', planted: { instead: [[Sales, class extends Sales { override remind({ id }: Sale): Promise<void> { return super.remind({ id } as Sale); } }], [Presenter, class extends Presenter { override body(sale: Sale): object { return { ...super.body(sale), id: '00000000-0000-7000-8000-000000000000' }; } }]], comparison: defineComparison({ fields: { 'rows/sale/id': sameIds('sale'), 'response/body/data/*/id': sameIds('sale') } }) }, found: ['payload response/body/data/*/id', 'payload response/body/id'] },
  { name: 'a time within its window', planted: { instead: [[Given, lately]], comparison: defineComparison({ fields: { 'rows/sale/sold_at': within('1s'), 'response/body/**/soldAt': within('1s') } }) }, found: [] },
  { name: 'a time beyond its window', planted: { instead: [[Given, lately]], comparison: defineComparison({ fields: { 'rows/sale/sold_at': within('500ms'), 'response/body/**/soldAt': within('500ms') } }) }, found: ['payload response/body/soldAt', 'payload rows/sale/sold_at'] },
  { name: 'a sum within its tolerance', planted: { instead: [[Sums, round]], comparison: pennies(1) }, found: [] },
  { name: 'a sum beyond its tolerance', planted: { instead: [[Sums, class extends Sums { override vat(net: number): number { return super.vat(net) + 2; } }]], comparison: pennies(1) }, found: ['payload events/till.sale-rung/payload/total', 'payload response/body/vat', 'payload response/value/vat', 'payload rows/sale/vat'] },
  { name: 'a header that means nothing to whoever asked', planted: { instead: [[Presenter, class extends Presenter { override headers(reply: Reply, sale: Sale): void { super.headers(reply, sale); reply.header('X-Made-By', 'the new one'); } }]] }, found: [] },
  { name: 'a header that is declared to matter', planted: { instead: [[Presenter, class extends Presenter { override headers(reply: Reply, sale: Sale): void { super.headers(reply, sale); reply.header('X-Made-By', 'the new one'); } }]], comparison: defineComparison({ headers: ['x-made-by'] }) }, found: ['schema response/headers/x-made-by'] },
  { name: 'the fields of a body in another order', planted: { instead: [[Presenter, class extends Presenter { override body(sale: Sale): object { return Object.fromEntries(Object.entries(super.body(sale)).toReversed()); } }]] }, found: [] },
  { name: 'rows of one transaction written in another order', planted: { instead: [[Sales, class extends Sales {
    override async insert(sale: Sale): Promise<void> { await super.insert({ ...sale, version: 0, note: 'under way' }); await this.database.query('UPDATE sale SET version = $2, note = $3 WHERE id = $1', [sale.id, sale.version, sale.note]); }
  }]] }, found: [] },
];
