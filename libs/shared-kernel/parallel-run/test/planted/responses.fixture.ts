import { NotFound } from '../../../contract/index.js';
import { type Reply, etagOf } from '../../../http/index.js';
import type { PlantedDifference } from '../planted-differences.fixture.js';
import { Cashier, Counter, Customers, Presenter, Sales, Stock } from '../till-parts.fixture.js';
import { EmailIsTaken, type Sale, SaleIsPaid } from '../till-words.fixture.js';

export const plantedResponses: readonly PlantedDifference[] = [
  {
    name: 'status 200 instead of 201',
    planted: { instead: [[Presenter, class extends Presenter { override headers(reply: Reply, sale: Sale): void { super.headers(reply, sale); reply.status(200); } }]] },
    found: ['payload response/status'],
  },
  {
    name: 'another header: Location without the version of the API',
    planted: { instead: [[Presenter, class extends Presenter { override headers(reply: Reply, sale: Sale): void { super.headers(reply, sale); reply.header('Location', `/sales/${sale.id}`); } }]] },
    found: ['payload response/headers/location'],
  },
  {
    name: 'a header is missing: no ETag',
    planted: { instead: [[Presenter, class extends Presenter { override headers(reply: Reply, { id }: Sale): void { reply.header('Location', `/v1/sales/${id}`); } }]] },
    found: ['schema response/headers/etag'],
  },
  {
    name: 'an ETag that does not follow the version',
    planted: { instead: [[Presenter, class extends Presenter { override headers(reply: Reply, sale: Sale): void { super.headers(reply, sale); reply.header('ETag', etagOf({ id: sale.id, version: 1 })); } }]] },
    found: ['payload response/headers/etag'],
  },
  {
    name: 'one field more in the body',
    planted: { instead: [[Presenter, class extends Presenter { override body(sale: Sale): object { return { ...super.body(sale), quantity: sale.quantity }; } }]] },
    found: ['schema response/body/data/*/quantity', 'schema response/body/quantity'],
  },
  {
    name: 'a field of the body is gone where it is null',
    planted: { instead: [[Presenter, class extends Presenter { override body(sale: Sale): object { return Object.fromEntries(Object.entries(super.body(sale)).filter(([, it]) => it !== null)); } }]] },
    found: ['schema response/body/data/*/note', 'schema response/body/note'],
  },
  {
    name: 'a number becomes text in the body',
    planted: { instead: [[Presenter, class extends Presenter { override body(sale: Sale): object { return { ...super.body(sale), net: String(sale.net) }; } }]] },
    found: ['schema response/body/data/*/net', 'schema response/body/net'],
  },
  {
    name: 'a list in another order, where order matters',
    planted: { instead: [[Presenter, class extends Presenter { override body(sale: Sale): object { return { ...super.body(sale), tags: sale.tags.toReversed() }; } }]] },
    found: ['reordered response/body/data/*/tags', 'reordered response/body/tags'],
  },
  {
    name: 'a list of rows in another order: oldest first',
    planted: { instead: [[Sales, class extends Sales { override async list(limit: number, before?: string): Promise<Sale[]> { return (await super.list(limit, before)).toReversed(); } }]] },
    found: ['extra response/body/data/*/tags/*', 'payload response/body/data/*/id', 'payload response/body/data/*/net', 'payload response/body/data/*/sku', 'payload response/body/data/*/soldAt', 'payload response/body/data/*/soldOn', 'payload response/body/data/*/vat', 'payload response/body/nextCursor', 'reordered response/body/data'],
  },
  {
    name: 'a read that takes the wrong page: the cursor\'s own row again',
    planted: { instead: [[Sales, class extends Sales {
      override async list(limit: number, before?: string): Promise<Sale[]> { return before === undefined ? super.list(limit) : [await this.find(before), ...await super.list(limit - 1, before)]; }
    }]] },
    found: ['extra response/body/data/*', 'missing response/body/data/*', 'payload response/body/nextCursor'],
  },
  {
    name: 'a read that writes',
    planted: { instead: [[Sales, class extends Sales {
      override async list(limit: number, before?: string): Promise<Sale[]> {
        await this.database.query("INSERT INTO log (position, line) SELECT count(*), 'read' FROM log");
        return super.list(limit, before);
      }
    }]] },
    found: ['extra rows/log'],
  },
  {
    name: 'another code of a refusal',
    planted: { instead: [[Counter, class extends Counter {
      override async strike(saleId: string): Promise<void> {
        if (this.isTooLate(await this.sales.find(saleId))) throw new EmailIsTaken(`The sale ${saleId} is paid.`, { saleId });
        await super.strike(saleId);
      }
    }]] },
    found: ['payload response/body/code', 'payload response/body/title', 'payload response/body/type', 'payload response/code'],
  },
  {
    name: 'another message of a refusal',
    planted: { instead: [[Customers, class extends Customers {
      override withEmail(email: string): ReturnType<Customers['withEmail']> { return super.withEmail(email).catch(() => { throw new NotFound('Who is that?'); }); }
    }]] },
    found: ['payload response/body/detail'],
  },
  {
    name: 'it refuses where the original does it',
    planted: { instead: [[Counter, class extends Counter { override isTooLate({ status, note }: Sale): boolean { return status === 'paid' || note === null; } }]] },
    found: ['missing rows/reminder', 'missing rows/sale'],
  },
  {
    name: 'it does what the original refuses',
    planted: { instead: [[Counter, class extends Counter { override isTooLate(): boolean { return false; } }]] },
    found: ['extra rows/sale', 'payload response/headers/content-type', 'payload response/status', 'schema response/body/code', 'schema response/body/detail', 'schema response/body/saleId', 'schema response/body/status', 'schema response/body/title', 'schema response/body/traceId', 'schema response/body/type', 'schema response/headers/cache-control', 'schema response/is'],
  },
  {
    name: 'it breaks: an error that nobody expected, a 500',
    planted: { instead: [[Counter, class extends Counter { override async strike(): Promise<void> { throw new TypeError('Cannot read properties of undefined'); } }]] },
    found: ['missing rows/reminder', 'missing rows/sale', 'payload response/body/code', 'payload response/body/detail', 'payload response/body/status', 'payload response/body/title', 'payload response/body/type', 'payload response/code', 'payload response/message', 'payload response/status', 'schema response/body/saleId', 'schema response/details/saleId'],
  },
  {
    name: 'it hangs',
    planted: { instead: [[Stock, class extends Stock { override lost(): Promise<void> { return new Promise(() => undefined); } }]] },
    hangMs: 1_000,
    found: ['missing response'],
  },
  {
    name: 'it pays twice: what the original refuses as paid already',
    planted: { instead: [[Cashier, class extends Cashier {
      override async begin(saleId: string): Promise<Sale> {
        return super.begin(saleId).catch((error: unknown) => { if (error instanceof SaleIsPaid) return this.sales.find(saleId); throw error; });
      }
    }]] },
    found: ['extra calls/club.points-for', 'payload response/code', 'payload response/message', 'schema response/details/saleId'],
  },
];
