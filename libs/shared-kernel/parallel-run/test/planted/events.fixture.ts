import { z } from 'zod';
import { type EventDraft, event, idSchema } from '../../../contract/index.js';
import type { PlantedDifference } from '../planted-differences.fixture.js';
import { Announcements, Cashier, DayBook, type DayState, Stock } from '../till-parts.fixture.js';
import { type Sale, tillContract } from '../till-words.fixture.js';

const { salePaid, dayClosed } = tillContract.events;
const paidElsewhere = event('till.sale-paid', { version: 1, aggregateType: 'sale', aggregateId: (it) => String(it.points), payload: z.strictObject({ saleId: idSchema, points: z.int() }) });
const paidAnew = event('till.sale-paid', { version: 2, aggregateType: 'sale', aggregateId: (it) => it.saleId, payload: z.strictObject({ saleId: idSchema, points: z.int() }) });

export const plantedEvents: readonly PlantedDifference[] = [
  {
    name: 'a missing event',
    planted: { instead: [[Announcements, class extends Announcements { override rung(sale: Sale): EventDraft[] { return super.rung(sale).slice(0, 1); } }]] },
    found: ['missing events/till.receipt-printed'],
  },
  {
    name: 'a doubled event',
    planted: { instead: [[Announcements, class extends Announcements { override paid(sale: Sale, points: number): EventDraft[] { return [...super.paid(sale, points), ...super.paid(sale, points)]; } }]] },
    found: ['extra events/till.sale-paid'],
  },
  {
    name: 'reordered events of one aggregate',
    planted: { instead: [[Announcements, class extends Announcements { override rung(sale: Sale): EventDraft[] { return super.rung(sale).toReversed(); } }]] },
    found: ['reordered events/till.sale-rung'],
  },
  {
    name: 'another event as well',
    planted: { instead: [[Announcements, class extends Announcements { override paid(sale: Sale, points: number): EventDraft[] { return [...super.paid(sale, points), dayClosed({ day: sale.soldOn, pence: 0 })]; } }]] },
    found: ['extra events/till.day-closed'],
  },
  {
    name: 'another field in an event',
    planted: { instead: [[Announcements, class extends Announcements { override rung(sale: Sale): EventDraft[] { return super.rung({ ...sale, vat: 0 }); } }]] },
    found: ['payload events/till.sale-rung/eventId', 'payload events/till.sale-rung/payload/total'],
  },
  {
    name: 'an event to another aggregate',
    planted: { instead: [[Announcements, class extends Announcements { override paid({ id: saleId }: Sale, points: number): EventDraft[] { return [paidElsewhere({ saleId, points })]; } }]] },
    found: ['extra events/till.sale-paid', 'missing events/till.sale-paid'],
  },
  {
    name: 'another version of an event',
    planted: { instead: [[Announcements, class extends Announcements { override paid({ id: saleId }: Sale, points: number): EventDraft[] { return [paidAnew({ saleId, points })]; } }]] },
    found: ['payload events/till.sale-paid/eventVersion'],
  },
  {
    name: 'an event too early: in another transaction of the same input',
    planted: { instead: [[Cashier, class extends Cashier {
      override async begin(saleId: string): Promise<Sale> {
        const sale = await super.begin(saleId);
        this.events.announce(salePaid({ saleId, points: 0 }));
        return sale;
      }
    }]] },
    found: ['extra events/till.sale-paid'],
  },
  {
    name: 'a handler that forgets what one kind of event does',
    planted: { instead: [[Stock, class extends Stock { override async lost(): Promise<void> {} }]] },
    found: ['missing rows/stock'],
  },
  {
    name: 'a handler that counts wrong',
    planted: { instead: [[Stock, class extends Stock { override arrived(sku: string, quantity: number): Promise<void> { return super.arrived(sku, quantity + 1); } }]] },
    found: ['payload rows/stock/quantity'],
  },
  {
    name: 'a saga\'s step that answers another state',
    planted: { instead: [[DayBook, class extends DayBook { override async addUp(state: DayState): Promise<DayState> { return { ...await super.addUp(state), pence: 0 }; } }]] },
    found: ['payload response/value/pence'],
  },
  {
    name: 'a saga\'s step that writes another row',
    planted: { instead: [[DayBook, class extends DayBook { override writeDown({ day, pence }: DayState): Promise<DayState> { return super.writeDown({ day, pence: pence + 1 }); } }]] },
    found: ['payload events/till.day-closed/eventId', 'payload events/till.day-closed/payload/pence', 'payload rows/day_total/pence'],
  },
];
