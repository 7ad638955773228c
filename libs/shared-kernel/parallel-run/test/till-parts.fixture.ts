import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type ClientOf, type EventDraft, NotFound } from '../../contract/index.js';
import { type Reply, etagOf } from '../../http/index.js';
import { Events } from '../../messaging/index.js';
import { Database } from '../../persistence/index.js';
import { Client } from '../../rpc/index.js';
import { Clock, Ids, Random } from '../../runtime/index.js';
import { CardDeclined, type CommandOf, EmailIsTaken, type ReplyOf, type Sale, SaleIsPaid, type SaleWish, clubContract, tillContract } from './till-words.fixture.js';

const { saleRung, receiptPrinted, salePaid, customerJoined, dayClosed } = tillContract.events;

/** What is computed. */
@Injectable()
export class Sums {
  /** 17.5 %, halves up. */
  vat(net: number): number {
    return Math.floor((net * 175 + 500) / 1_000);
  }

  /** The day in UTC. */
  dayOf(at: Date): string { return at.toISOString().slice(0, 10); }
}

/** What a sale must not decide by itself. */
@Injectable()
export class Given {
  constructor(readonly ids: Ids, readonly clock: Clock, readonly random: Random) {}

  saleId(): string { return this.ids.next('sale'); }

  now(): Date { return this.clock.now(); }

  receipt(): number { return Math.floor(this.random.next('receipt') * 1_000_000); }
}

/** What others are told. */
@Injectable()
export class Announcements {
  rung({ id: saleId, sku, quantity, net, vat, note, receipt }: Sale): EventDraft[] {
    return [saleRung({ saleId, sku, quantity, total: net + vat, note }), receiptPrinted({ saleId, receipt })];
  }

  paid({ id: saleId }: Sale, points: number): EventDraft[] {
    return [salePaid({ saleId, points })];
  }
}

const COLUMNS = 'id, sku, quantity, net, vat, note, tags, status, receipt, sold_at AS "soldAt", sold_on::text AS "soldOn", version';

/** The table of sales. */
@Injectable()
export class Sales {
  constructor(readonly database: Database) {}

  async insert({ id, sku, quantity, net, vat, note, tags, status, receipt, soldAt, soldOn, version }: Sale): Promise<void> {
    await this.database.query(
      'INSERT INTO sale (id, sku, quantity, net, vat, note, tags, status, receipt, sold_at, sold_on, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)',
      [id, sku, quantity, net, vat, note, tags, status, receipt, soldAt, soldOn, version],
    );
  }

  /** @throws NotFound */
  async find(id: string, lock: '' | 'FOR UPDATE' = ''): Promise<Sale> {
    const [sale] = await this.database.query<Sale>(`SELECT ${COLUMNS} FROM sale WHERE id = $1 ${lock}`, [id]);
    if (!sale) throw new NotFound(`There is no sale ${id}.`);
    return sale;
  }

  list(limit: number, before?: string): Promise<Sale[]> {
    return this.database.query<Sale>(`SELECT ${COLUMNS} FROM sale WHERE $2::uuid IS NULL OR id < $2 ORDER BY id DESC LIMIT $1`, [limit, before]);
  }

  async update({ id, note, status, version }: Sale): Promise<void> {
    await this.database.query('UPDATE sale SET note = $2, status = $3, version = $4 WHERE id = $1', [id, note, status, version]);
  }

  async forget({ id }: Sale): Promise<void> {
    await this.database.query('DELETE FROM reminder WHERE sale_id = $1', [id]);
  }

  async remind({ id }: Sale): Promise<void> {
    await this.database.query("INSERT INTO reminder (sale_id, what) VALUES ($1, 'to be paid')", [id]);
  }

  async charge({ id, net, vat }: Sale): Promise<void> {
    await this.database.query('INSERT INTO charge (sale_id, pence) VALUES ($1, $2)', [id, net + vat]);
  }

  async takings(day: string): Promise<{ pence: number; sales: number }> {
    const [sums] = await this.database.query<{ pence: number; sales: number }>(
      "SELECT coalesce(sum(net + vat), 0)::bigint AS pence, count(*)::int AS sales FROM sale WHERE sold_on = $1 AND status = 'paid'", [day]);
    return sums ?? { pence: 0, sales: 0 };
  }
}

/** Rings up, notes, strikes. Each runs in the transaction of whoever asks. */
@Injectable()
export class Counter {
  constructor(readonly sales: Sales, readonly sums: Sums, readonly given: Given, readonly announcements: Announcements, readonly events: Events) {}

  async ring({ sku, quantity, price, note, tags, at }: SaleWish): Promise<Sale> {
    const net = quantity * price;
    const now = this.given.now();
    const sale: Sale = {
      id: this.given.saleId(), sku, quantity, net, vat: this.sums.vat(net), note: this.noted(note), tags, status: 'open', receipt: this.given.receipt(),
      soldAt: now, soldOn: this.sums.dayOf(at === undefined ? now : new Date(at)), version: 1,
    };
    await this.sales.insert(sale);
    await this.sales.remind(sale);
    for (const it of this.announcements.rung(sale)) this.events.announce(it);
    return sale;
  }

  noted(note: string | null): string | null { return note; }

  async note({ saleId, note }: CommandOf<'note'>): Promise<Sale> {
    const sale = await this.sales.find(saleId, 'FOR UPDATE');
    const noted = { ...sale, note: this.noted(note), version: sale.version + 1 };
    await this.sales.update(noted);
    return noted;
  }

  /** @throws SaleIsPaid, NotFound */
  async strike(saleId: string): Promise<void> {
    const sale = await this.sales.find(saleId, 'FOR UPDATE');
    if (this.isTooLate(sale)) throw new SaleIsPaid(`The sale ${saleId} is paid.`, { saleId });
    await this.sales.update({ ...sale, status: 'struck', version: sale.version + 1 });
    await this.sales.forget(sale);
  }

  isTooLate({ status }: Sale): boolean { return status === 'paid'; }
}

/** Whoever moves the money of cards. */
export abstract class CardReader {
  /** @throws CardDeclined */
  abstract authorize(charge: { saleId: string; pence: number }, call: { key: string }): Promise<{ reference: string }>;
  abstract capture(reference: string, call: { key: string }): Promise<{ done: boolean }>;
}

/** Declines what is beyond 1,000 pounds. */
@Injectable()
export class TestCardReader extends CardReader {
  async authorize({ saleId, pence }: { saleId: string; pence: number }): Promise<{ reference: string }> {
    if (pence > 100_000) throw new CardDeclined('There is not that much on the card.', { pence });
    return { reference: `of ${saleId}` };
  }

  async capture(): Promise<{ done: boolean }> {
    return { done: true };
  }
}

/** Takes the money of a sale: says so, asks club and card reader, and writes down what came of it. */
@Injectable()
export class Cashier {
  constructor(
    readonly database: Database, readonly sales: Sales, readonly reader: CardReader, @Client(clubContract) readonly club: ClientOf<typeof clubContract>,
    readonly announcements: Announcements, readonly events: Events,
  ) {}

  /** @throws CardDeclined, SaleIsPaid, NotFound */
  async pay(saleId: string): Promise<ReplyOf<'pay'>> {
    const sale = await this.database.transaction(() => this.begin(saleId));
    const points = await this.ask(sale);
    await this.database.transaction(() => this.finish(sale, points));
    return { is: 'paid', points };
  }

  async begin(saleId: string): Promise<Sale> {
    const sale = await this.sales.find(saleId, 'FOR UPDATE');
    if (sale.status === 'paid') throw new SaleIsPaid(`The sale ${saleId} is paid already.`, { saleId });
    const paying: Sale = { ...sale, status: 'paying', version: sale.version + 1 };
    await this.sales.update(paying);
    return paying;
  }

  async ask({ id: saleId, net, vat }: Sale): Promise<number> {
    const { points } = await this.club.pointsFor({ pence: net + vat });
    const { reference } = await this.reader.authorize({ saleId, pence: net + vat }, { key: `${saleId}/authorize` });
    await this.reader.capture(reference, { key: `${saleId}/capture` });
    return points;
  }

  async finish(sale: Sale, points: number): Promise<void> {
    await this.sales.charge(sale);
    await this.sales.update({ ...sale, status: 'paid', version: sale.version + 1 });
    await this.sales.forget(sale);
    for (const it of this.announcements.paid(sale, points)) this.events.announce(it);
  }
}

/** The money in the drawer. Who changes it holds its row. */
@Injectable()
export class Drawer {
  constructor(readonly database: Database, readonly given: Given) {}

  /** Says first that money comes, then counts it. */
  async putIn(pence: number): Promise<number> {
    const entry = this.given.ids.next('entry');
    await this.database.transaction(() => this.announce(entry, pence));
    return this.database.transaction(() => this.count(entry, pence));
  }

  async announce(entry: string, pence: number): Promise<void> {
    await this.database.query('INSERT INTO drawer_entry (id, pence) VALUES ($1, $2)', [entry, pence]);
  }

  async count(entry: string, pence: number): Promise<number> {
    const balance = (await this.balance('FOR UPDATE')) + pence;
    await this.database.query('UPDATE drawer SET balance = $1', [balance]);
    await this.database.query('UPDATE drawer_entry SET balance = $2 WHERE id = $1', [entry, balance]);
    return balance;
  }

  /** In the transaction of whoever asks. */
  async takeOut(pence: number): Promise<number> {
    const balance = (await this.balance('FOR UPDATE')) - pence;
    await this.database.query('UPDATE drawer SET balance = $1', [balance]);
    return balance;
  }

  async balance(lock: '' | 'FOR UPDATE'): Promise<number> {
    const [drawer] = await this.database.query<{ balance: number }>(`SELECT balance FROM drawer ${lock}`);
    return drawer?.balance ?? 0;
  }
}

/** What is there to be sold. */
@Injectable()
export class Stock {
  constructor(readonly database: Database) {}

  async arrived(sku: string, quantity: number): Promise<void> {
    await this.database.query('INSERT INTO stock (sku, quantity) VALUES ($1, $2) ON CONFLICT (sku) DO UPDATE SET quantity = stock.quantity + excluded.quantity', [sku, quantity]);
  }

  async lost(sku: string, quantity: number): Promise<void> {
    await this.database.query('UPDATE stock SET quantity = quantity - $2 WHERE sku = $1', [sku, quantity]);
  }
}

/** Who joined the club of this shop. */
@Injectable()
export class Customers {
  constructor(readonly database: Database, readonly given: Given, readonly events: Events) {}

  /** @throws EmailIsTaken */
  async join({ email, name }: CommandOf<'join'>): Promise<ReplyOf<'join'>> {
    const customerId = this.given.ids.next('customer');
    const rows = await this.database.query('INSERT INTO customer (id, email, name) VALUES ($1, $2, $3) ON CONFLICT (email) DO NOTHING RETURNING id', [customerId, email, name]);
    if (rows.length === 0) throw new EmailIsTaken('Somebody has joined with this address.', { email });
    this.events.announce(customerJoined({ customerId, email }));
    return { customerId };
  }

  /** @throws NotFound */
  async withEmail(email: string): Promise<{ id: string; email: string; name: string | null }> {
    const [row] = await this.database.query<{ id: string; email: string; name: string | null }>('SELECT id, email, name FROM customer WHERE email = $1', [email]);
    if (!row) throw new NotFound('Nobody has joined with this address.');
    return row;
  }
}

/** How sales are shown. */
@Injectable()
export class Presenter {
  body({ id, sku, net, vat, note, tags, status, soldAt, soldOn }: Sale): object {
    return { id, sku, net, vat, note, tags, status, soldAt: soldAt.toISOString(), soldOn };
  }

  headers(reply: Reply, { id, version }: Sale): void {
    reply.header('Location', `/v1/sales/${id}`).header('ETag', etagOf({ id, version }));
  }
}

export const dayState = z.strictObject({ day: z.string(), pence: z.int() });
export type DayState = z.output<typeof dayState>;

/** What the closing of a day does. */
@Injectable()
export class DayBook {
  constructor(readonly sales: Sales, readonly events: Events) {}

  async addUp({ day }: DayState): Promise<DayState> {
    return { day, pence: (await this.sales.takings(day)).pence };
  }

  async writeDown({ day, pence }: DayState): Promise<DayState> {
    await this.sales.database.query('INSERT INTO day_total (day, pence, is_closed) VALUES ($1, $2, true)', [day, pence]);
    this.events.announce(dayClosed({ day, pence }));
    return { day, pence };
  }
}
