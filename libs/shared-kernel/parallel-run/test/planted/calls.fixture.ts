import type { PlantedDifference } from '../planted-differences.fixture.js';
import { Cashier } from '../till-parts.fixture.js';
import type { Sale } from '../till-words.fixture.js';

/** How the original asks; each of these asks differently in one way. */
class Asking extends Cashier {
  async points({ net, vat }: Sale): Promise<number> { return (await this.club.pointsFor({ pence: net + vat })).points; }
  async authorize({ id: saleId, net, vat }: Sale): Promise<string> { return (await this.reader.authorize({ saleId, pence: net + vat }, { key: `${saleId}/authorize` })).reference; }
  async capture({ id }: Sale, reference: string): Promise<void> { await this.reader.capture(reference, { key: `${id}/capture` }); }

  override async ask(sale: Sale): Promise<number> {
    const points = await this.points(sale);
    await this.capture(sale, await this.authorize(sale));
    return points;
  }
}

export const plantedCalls: readonly PlantedDifference[] = [
  {
    name: 'a call with another amount',
    planted: { instead: [[Cashier, class extends Asking { override authorize(sale: Sale): Promise<string> { return super.authorize({ ...sale, vat: 0 }); } }]] },
    found: ['payload calls/CardReader.authorize/0/pence'],
  },
  {
    name: 'a call with another idempotency key',
    planted: { instead: [[Cashier, class extends Asking { override async capture({ id }: Sale, reference: string): Promise<void> { await this.reader.capture(reference, { key: id }); } }]] },
    found: ['payload calls/CardReader.capture/1/key'],
  },
  {
    name: 'a call is missing',
    planted: { instead: [[Cashier, class extends Asking { override async capture(): Promise<void> {} }]] },
    found: ['missing calls/CardReader.capture'],
  },
  {
    name: 'a call is doubled',
    planted: { instead: [[Cashier, class extends Asking { override async capture(sale: Sale, reference: string): Promise<void> { await super.capture(sale, reference); await super.capture(sale, reference).catch(() => undefined); } }]] },
    found: ['extra calls/CardReader.capture'],
  },
  {
    name: 'a call that the original does not make, and that decides',
    planted: { instead: [[Cashier, class extends Asking { override async authorize(sale: Sale): Promise<string> { await this.club.pointsFor({ pence: 1 }); return super.authorize(sale); } }]] },
    found: ['extra calls/club.points-for', 'missing calls/CardReader.authorize', 'missing events/till.sale-paid', 'missing rows/charge', 'missing rows/reminder', 'missing rows/sale', 'payload response/code', 'payload response/message', 'schema response/details/pence'],
  },
  {
    name: 'calls in another order',
    planted: { instead: [[Cashier, class extends Asking { override async ask(sale: Sale): Promise<number> { await this.capture(sale, await this.authorize(sale)); return this.points(sale); } }]] },
    found: ['missing calls/club.points-for', 'reordered calls/club.points-for'],
  },
  {
    name: 'a question to another context with another input',
    planted: { instead: [[Cashier, class extends Asking { override points(sale: Sale): Promise<number> { return super.points({ ...sale, vat: 0 }); } }]] },
    found: ['payload calls/club.points-for/input/pence'],
  },
  {
    name: 'it takes no for an answer: a declined card is paid',
    planted: { instead: [[Cashier, class extends Asking { override authorize(sale: Sale): Promise<string> { return super.authorize(sale).catch(() => `of ${sale.id}`); }
      override capture(sale: Sale, reference: string): Promise<void> { return super.capture(sale, reference).catch(() => undefined); }
     }]] },
    found: ['extra events/till.sale-paid', 'extra rows/charge', 'extra rows/reminder', 'extra rows/sale'],
  },
  {
    name: 'the same calls, made by other code',
    planted: { instead: [[Cashier, Asking]] },
    found: [],
  },
];
