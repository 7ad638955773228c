import { Body, Controller, Get, Injectable, Param, Post, Query, Res, type Type } from '@nestjs/common';
import { z } from 'zod';
import type { ComparisonRules } from '../../comparison/index.js';
import { type ContextDeclaration, defineContext } from '../../context/index.js';
import { NotFound, type PayloadOf, idSchema } from '../../contract/index.js';
import { Answers, Fails, Idempotent, Public, type Reply, page, pageQuery, readCursor } from '../../http/index.js';
import { type Migration } from '../../persistence/index.js';
import { Handles } from '../../rpc/index.js';
import { Sagas, defineSaga, local } from '../../saga/index.js';
import { neighbour } from '../../testing/index.js';
import { Announcements, CardReader, Cashier, Counter, Customers, DayBook, type DayState, Drawer, Given, Presenter, Sales, Stock, Sums, TestCardReader, dayState } from './till-parts.fixture.js';
import { type CommandOf, EmailIsTaken, type ReplyOf, SaleIsPaid, clubContract, depotContract, saleWish, tillContract } from './till-words.fixture.js';

const { commands, queries } = tillContract;

const initial: Migration = {
  name: '0001-initial',
  sql: `
    CREATE TABLE sale (
      id uuid PRIMARY KEY, sku text NOT NULL, quantity int NOT NULL, net bigint NOT NULL, vat bigint NOT NULL, note text, tags text[] NOT NULL, status text NOT NULL,
      receipt int NOT NULL, sold_at timestamptz NOT NULL, sold_on date NOT NULL, version int NOT NULL
    );
    CREATE TABLE reminder (sale_id uuid NOT NULL REFERENCES sale, what text NOT NULL, PRIMARY KEY (sale_id, what));
    CREATE TABLE charge (sale_id uuid PRIMARY KEY REFERENCES sale, pence bigint NOT NULL);
    CREATE TABLE drawer (place text PRIMARY KEY, balance bigint NOT NULL);
    INSERT INTO drawer VALUES ('the one', 0);
    CREATE TABLE drawer_entry (id uuid PRIMARY KEY, pence bigint NOT NULL, balance bigint);
    CREATE TABLE stock (sku text PRIMARY KEY, quantity int NOT NULL);
    CREATE TABLE customer (id uuid PRIMARY KEY, email text NOT NULL UNIQUE, name text);
    CREATE TABLE day_total (day text PRIMARY KEY, pence bigint NOT NULL, is_closed boolean NOT NULL);
    CREATE TABLE log (position int PRIMARY KEY, line text NOT NULL);
  `,
};

@Handles(commands.join)
class Join {
  constructor(private readonly customers: Customers) {}
  run(input: CommandOf<'join'>): Promise<ReplyOf<'join'>> { return this.customers.join(input); }
}

@Handles(commands.ring)
class Ring {
  constructor(private readonly counter: Counter) {}
  async run(input: CommandOf<'ring'>): Promise<ReplyOf<'ring'>> {
    const { id, vat } = await this.counter.ring({ ...input, note: null, tags: [] });
    return { saleId: id, vat };
  }
}

@Handles(commands.pay, { transaction: 'own' })
class Pay {
  constructor(private readonly cashier: Cashier) {}
  run({ saleId }: CommandOf<'pay'>): Promise<ReplyOf<'pay'>> { return this.cashier.pay(saleId); }
}

@Handles(commands.note)
class Note {
  constructor(private readonly counter: Counter) {}
  async run(input: CommandOf<'note'>): Promise<ReplyOf<'note'>> { return { version: (await this.counter.note(input)).version }; }
}

@Handles(commands.strike)
class Strike {
  constructor(private readonly counter: Counter) {}
  async run({ saleId }: CommandOf<'strike'>): Promise<ReplyOf<'strike'>> {
    await this.counter.strike(saleId);
    return {};
  }
}

@Handles(commands.putIn, { transaction: 'own' })
class PutIn {
  constructor(private readonly drawer: Drawer) {}
  async run({ pence }: CommandOf<'putIn'>): Promise<ReplyOf<'putIn'>> { return { balance: await this.drawer.putIn(pence) }; }
}

@Handles(commands.takeOut)
class TakeOut {
  constructor(private readonly drawer: Drawer) {}
  async run({ pence }: CommandOf<'takeOut'>): Promise<ReplyOf<'takeOut'>> { return { balance: await this.drawer.takeOut(pence) }; }
}

@Handles(queries.takings)
class Takings {
  constructor(private readonly sales: Sales) {}
  run({ day }: { day: string }): Promise<{ pence: number; sales: number }> { return this.sales.takings(day); }
}

@Handles(depotContract.events.goodsArrived)
class GoodsArrived {
  constructor(private readonly stock: Stock) {}
  run({ sku, quantity }: PayloadOf<typeof depotContract.events.goodsArrived>): Promise<void> { return this.stock.arrived(sku, quantity); }
}

@Handles(depotContract.events.goodsLost)
class GoodsLost {
  constructor(private readonly stock: Stock) {}
  run({ sku, quantity }: PayloadOf<typeof depotContract.events.goodsLost>): Promise<void> { return this.stock.lost(sku, quantity); }
}

@Injectable()
class AddUp {
  constructor(private readonly days: DayBook) {}
  run(state: DayState): Promise<DayState> { return this.days.addUp(state); }
}

@Injectable()
class WriteDown {
  constructor(private readonly days: DayBook) {}
  run(state: DayState): Promise<DayState> { return this.days.writeDown(state); }
}

/** Closes a day: adds it up, then writes the sum down. */
const closing = defineSaga('closing', 1, dayState, { forwardOnly: true, steps: [local('add-up', AddUp), local('write-down', WriteDown)] });

@Handles(commands.closeDay)
class CloseDay {
  constructor(private readonly sagas: Sagas) {}
  async run({ day }: CommandOf<'closeDay'>): Promise<ReplyOf<'closeDay'>> {
    await this.sagas.start(closing, day, { day, pence: 0 });
    return {};
  }
}

const ofSale = z.strictObject({ id: idSchema });
const shown = z.looseObject({ id: idSchema });

@Controller('v1/sales')
@Public()
class SalesController {
  constructor(private readonly counter: Counter, private readonly sales: Sales, private readonly presenter: Presenter) {}

  @Post()
  @Idempotent()
  @Answers(201, shown, 'It is rung up.')
  async ring(@Body({ schema: saleWish }) wish: z.output<typeof saleWish>, @Res({ passthrough: true }) reply: Reply): Promise<object> {
    const sale = await this.counter.ring(wish);
    this.presenter.headers(reply, sale);
    return this.presenter.body(sale);
  }

  @Get(':id')
  @Answers(200, shown, 'The sale.')
  @Fails(NotFound)
  async show(@Param({ schema: ofSale }) { id }: { id: string }, @Res({ passthrough: true }) reply: Reply): Promise<object> {
    const sale = await this.sales.find(id);
    this.presenter.headers(reply, sale);
    return this.presenter.body(sale);
  }

  @Get()
  @Answers(200, z.looseObject({}), 'Sales, newest first.')
  async list(@Query({ schema: pageQuery }) { limit, cursor }: z.output<typeof pageQuery>): Promise<object> {
    const { data, ...rest } = page(await this.sales.list(limit + 1, readCursor(cursor, idSchema)), limit, (it) => it.id);
    return { data: data.map((it) => this.presenter.body(it)), ...rest };
  }

  @Post(':id/strikes')
  @Idempotent()
  @Answers(202, z.strictObject({}), 'It is struck.')
  @Fails(NotFound, SaleIsPaid)
  async strike(@Param({ schema: ofSale }) { id }: { id: string }): Promise<object> {
    await this.counter.strike(id);
    return {};
  }
}

const joinWish = z.strictObject({ email: z.email(), name: z.string().nullable() });

@Controller('v1/customers')
@Public()
class CustomersController {
  constructor(private readonly customers: Customers) {}

  @Post()
  @Idempotent()
  @Answers(201, shown, 'They joined.')
  @Fails(EmailIsTaken)
  async join(@Body({ schema: joinWish }) wish: z.output<typeof joinWish>): Promise<object> {
    const { customerId } = await this.customers.join(wish);
    return { id: customerId, ...wish };
  }

  @Get()
  @Answers(200, shown, 'Whoever has joined with this address.')
  @Fails(NotFound)
  find(@Query({ schema: z.strictObject({ email: z.email(), and: z.string().optional() }) }) { email }: { email: string }): Promise<object> {
    return this.customers.withEmail(email);
  }
}

/** One thing of a till, and what stands in its place in another version of it. */
export interface Planted {
  readonly instead: ReadonlyArray<readonly [original: Type | (abstract new (...args: never[]) => object), planted: Type]>;
  readonly comparison?: ComparisonRules;
  readonly migrations?: readonly Migration[];
}

const parts: readonly Type[] = [Sums, Given, Announcements, Sales, Counter, Cashier, Drawer, Stock, Customers, Presenter, DayBook];

/** The till, or another version of it. */
export function till({ instead, comparison, migrations = [] }: Planted = { instead: [] }): ContextDeclaration {
  const planted = new Map<unknown, Type>(instead);
  return defineContext({
    name: 'till', owner: 'the tests', contract: tillContract, calls: [clubContract], listensTo: Object.values(depotContract.events), entities: [],
    migrations: [initial, ...migrations],
    handlers: [Join, Ring, Pay, Note, Strike, PutIn, TakeOut, CloseDay, Takings, GoodsArrived, GoodsLost],
    sagas: [closing], asks: [CardReader], personal: ['email', 'name'], ...(comparison && { comparison }),
    controllers: [SalesController, CustomersController],
    providers: [...parts.map((it) => ({ provide: it, useClass: planted.get(it) ?? it })), { provide: CardReader, useClass: TestCardReader }],
  });
}

/** Who stands around the till. */
export const neighbours = [
  neighbour(clubContract, { pointsFor: ({ pence }) => ({ points: Math.floor(pence / 100) }) }),
  neighbour(depotContract, {}),
];
