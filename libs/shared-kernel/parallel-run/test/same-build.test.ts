import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ClientOf } from '../../contract/index.js';
import { Database } from '../../persistence/index.js';
import { Client } from '../../rpc/index.js';
import type { ShadowUnderTest } from '../../testing/index.js';
import { Cashier, DayBook, type DayState, Stock } from './till-parts.fixture.js';
import { key, tillTwice } from './till-under-test.js';
import { type Sale, clubContract, depotContract, tillContract } from './till-words.fixture.js';

/** Works on the state that it is given rather than on another one. */
class InPlace extends DayBook {
  override async addUp(state: DayState): Promise<DayState> {
    return Object.assign(state, { pence: state.pence + 7 });
  }
}

/** Asks the club how much is to be put on the shelf. */
@Injectable()
class Asking extends Stock {
  constructor(database: Database, @Client(clubContract) private readonly club: ClientOf<typeof clubContract>) {
    super(database);
  }

  override async arrived(sku: string, quantity: number): Promise<void> {
    const { points } = await this.club.pointsFor({ pence: this.worth(quantity) });
    await super.arrived(sku, points);
  }

  protected worth(quantity: number): number { return quantity * 100; }
}

/** Asks all at once; who answers first is anybody's guess. */
class AtOnce extends Cashier {
  override async ask({ id: saleId, net, vat }: Sale): Promise<number> {
    const [{ points }] = await Promise.all([
      this.club.pointsFor({ pence: net + vat }), this.reader.authorize({ saleId, pence: net + vat }, { key: 'authorize' }), this.reader.capture(saleId, { key: 'capture' }),
    ]);
    return points;
  }
}

describe('the same build finds nothing in itself', () => {
  let both: ShadowUnderTest;
  afterEach(() => both.close());

  it('where a step works on the very state that it was given', async () => {
    both = await tillTwice({ instead: [[DayBook, InPlace]] }, []);
    await both.begin();
    await both.context.host.clientOf(tillContract).closeDay({ day: '2011-07-04' }, key());
    expect(await both.report()).toMatchObject({ findings: [], coverage: { 'closing/add-up handled': [1, 1] } });
  });

  it('where the handler of an event asks somebody', async () => {
    both = await tillTwice({ instead: [[Stock, Asking]] });
    await both.begin();
    await both.context.announce(depotContract.events.goodsArrived({ sku: 'apple', quantity: 40 }));
    expect(await both.report()).toMatchObject({ findings: [], coverage: { 'depot.goods-arrived handled': [1, 1] } });
  });

  it('where several are asked at once, and do not answer in that order', async () => {
    both = await tillTwice({ instead: [[Cashier, AtOnce]] });
    await both.begin();
    const till = both.context.host.clientOf(tillContract);
    const { saleId } = await till.ring({ sku: 'apple', quantity: 1, price: 100 }, key());
    await till.pay({ saleId }, key());
    expect(await both.report()).toMatchObject({ findings: [], coverage: { 'till.pay paid': [1, 1] } });
  });
});
