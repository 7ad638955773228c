import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { printReport } from './print-report.js';
import { replay, type ReplayOptions, type ReplayReport } from './replay.js';
import { Screen } from './screen.js';
import { FAKE_LOGIN, FakeShop, type Quirks } from './testing/fake-shop.js';

const SAMPLE = fileURLToPath(new URL('./sample/invoices.csv', import.meta.url));
const SALES = 61;
const CREDIT_NOTES = 16;

let shop: FakeShop;
let folder: string;
let lines: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'replay-'));
  lines = [];
});

afterEach(async () => {
  await shop.close();
  rmSync(folder, { recursive: true });
});

async function open(quirks: Quirks = {}): Promise<FakeShop> {
  shop = new FakeShop(quirks);
  return shop.open();
}

function run(change: Partial<ReplayOptions> = {}, onLine: (line: string) => void = () => undefined): Promise<ReplayReport> {
  const screen = new Screen({
    write: (text: string) => {
      lines.push(text);
      onLine(text);
    },
  });
  return replay({
    file: SAMPLE,
    url: shop.url,
    credentials: { login: FAKE_LOGIN },
    rejects: join(folder, 'sample.rejects.csv'),
    retryMs: 1,
    pollMs: 1,
    settleMs: 20,
    screen,
    ...change,
  });
}

function differences({ outcome }: ReplayReport): string[] {
  return 'audit' in outcome ? outcome.audit.checks.flatMap((check) => check.differences) : [JSON.stringify(outcome)];
}

describe('replay', () => {
  it('books every document of the file, and the books agree', async () => {
    await open();
    const report = await run();
    expect(differences(report)).toEqual([]);
    expect(report.outcome.is).toBe('agreed');
    expect(report.tally.read).toEqual({ order: SALES, 'credit-note': CREDIT_NOTES, empty: 5 });
    expect(report.tally.lines).toEqual({ order: 377, 'credit-note': 28 });
    // Counted by hand with other tools, so that a mistake here cannot hide in both.
    expect(report.tally.books.total()).toEqual({ orders: 61, units: 3_879, revenue: 1_551_422, refunds: 92_589 });
    expect(report.tally.books.days.get('2024-03-05')).toEqual({ orders: 10, units: 1_877, revenue: 725_851, refunds: 22_730 });
    expect([shop.orders.size, shop.creditNotes.size, shop.products.size]).toEqual([SALES, CREDIT_NOTES, 96]);
  });

  it('lists every row that it did not book, with its line and the reason', async () => {
    await open();
    const report = await run();
    expect(Object.fromEntries(report.tally.rejected)).toEqual({
      'non-positive price': 3,
      'wrong-sign quantity': 3,
      adjustment: 2,
      'malformed row': 2,
      'price finer than a penny': 1,
      'unknown document type': 1,
    });
    const source = readFileSync(SAMPLE, 'utf8').split('\n');
    const [header, ...rejects] = readFileSync(report.rejects, 'utf8').trim().split('\n');
    expect(header).toBe(`${source[0]},Reason,Line`);
    expect(rejects).toHaveLength(12);
    for (const reject of rejects) {
      const [, row, , line] = /^(.*),([^,]+),(\d+)$/.exec(reject) ?? [];
      expect(row).toBe(source[Number(line) - 1]);
    }
  });

  it.each([11, 12, 13])('agrees although connections break, answers get lost and tokens expire (seed %i)', async (seed) => {
    const trouble = { seed, dropBefore: 0.06, dropAfter: 0.06, unavailable: 0.06, stillRunning: 0.04, tooMany: 0.04, tokenExpired: 0.01 };
    await open({ trouble });
    const report = await run();
    expect(differences(report)).toEqual([]);
    expect([shop.orders.size, shop.creditNotes.size]).toEqual([SALES, CREDIT_NOTES]);
    expect([...shop.mishaps.keys()].sort()).toEqual(Object.keys(trouble).filter((key) => key !== 'seed').sort());
    expect(report.tally.alreadyThere).toBeGreaterThan(0);
  });

  it('notices a single lost penny', async () => {
    await open({ skim: 1 });
    const report = await run();
    expect(report.outcome.is).toBe('disagreed');
    expect(differences(report)).toEqual(['2024-03-04 revenue: £1,373.57 in the file, £1,373.56 in the shop']);
    expect(printReport(report, 1024).at(-1)).toBe('The books DO NOT agree.');
  });

  it('notices a missing unit of stock, a rejected order and a lost one', async () => {
    await open();
    await run();
    const [sku = ''] = shop.stock.keys();
    shop.stock.set(sku, (shop.stock.get(sku) ?? 0) - 1);
    const [rejected, lost] = [...shop.orders.values()];
    if (rejected) rejected.status = 'rejected';
    if (lost) shop.orders.delete(lost.id);
    const report = await run();
    expect(report.outcome.is).toBe('disagreed');
    expect(differences(report)).toEqual(
      expect.arrayContaining([
        `invoice 700101: ${rejected?.id} is rejected`,
        `invoice 700102: ${lost?.id} was accepted, but is not in the list`,
        '2024-03-04 orders: 9 in the file, 8 in the shop',
        expect.stringMatching(new RegExp(`^${sku}: \\d+ by the file, -?\\d+ on hand$`)),
      ]),
    );
  });

  it('notices a shop that books what it is sent twice', async () => {
    await open({ isForgetful: true });
    await run({ limit: 20 });
    const report = await run({ limit: 20 });
    expect(report.outcome.is).toBe('disagreed');
    expect(differences(report)).toContain('2024-03-04 orders: 9 in the file, 18 in the shop');
  });

  it('reports a document that the shop refuses, and is not green', async () => {
    await open({ hates: ['POST'] });
    const report = await run();
    expect(report.outcome.is).toBe('disagreed');
    expect(report.tally.failures).toEqual([{ what: expect.stringMatching(/^invoice \d+$/), code: 'sku-disliked', detail: 'sku-disliked' }]);
    expect(readFileSync(report.rejects, 'utf8')).toContain('refused by the shop: sku-disliked');
    expect(differences(report)).toHaveLength(1);
  });
});

describe('a shop that fails on one document', () => {
  it('leaves that one behind, counts it, and places all others', async () => {
    await open({ chokesOn: ['POST'] });
    const report = await run({ patienceMs: 20 });
    expect(report.outcome.is).toBe('disagreed');
    expect(report.tally.failures.map(({ code }) => code)).toEqual(['internal-error']);
    expect(shop.orders.size + shop.creditNotes.size).toBe(SALES + CREDIT_NOTES - 1);
  });
});

describe('a shop that is not ours alone', () => {
  it('says that it holds other orders, and holds only what can be held against the file', async () => {
    await open();
    const lines = [{ sku: 'ELSE', quantity: 1, unitPrice: 100 }];
    shop.orders.set('other', { id: 'other', status: 'confirmed', at: '2024-03-06T12:00:00Z', lines });
    const report = await run();
    expect(differences(report)).toEqual([
      '2024-03-06 orders: 11 in the file, 12 in the shop',
      '2024-03-06 units: 348 in the file, 349 in the shop',
      '2024-03-06 revenue: £1,937.00 in the file, £1,938.00 in the shop',
    ]);
    expect(printReport(report, 1024)).toContainEqual(expect.stringMatching(/^not from this replay +1 /));
  });
});

describe('stopping and resuming', () => {
  it('stops half-way, finishes what is in flight, and goes on without a doubled document', async () => {
    await open();
    const stop = new AbortController();
    shop.onBooked = (count) => void (count === 30 && stop.abort());
    const first = await run({ stop: stop.signal });
    expect(first.outcome).toEqual({ is: 'stopped' });
    const placed = shop.orders.size + shop.creditNotes.size;
    expect(placed).toBeLessThan(SALES + CREDIT_NOTES);
    expect(first.tally.orderIds.size + first.tally.creditNoteIds.size).toBe(placed);

    const second = await run();
    expect(differences(second)).toEqual([]);
    expect(second.tally.alreadyThere).toBe(placed);
    expect([shop.orders.size, shop.creditNotes.size]).toEqual([SALES, CREDIT_NOTES]);
  });

  it('agrees on the first documents alone, then on the whole file', async () => {
    await open();
    const first = await run({ limit: 25 });
    expect(differences(first)).toEqual([]);
    expect(first.tally.documents).toBe(25);
    const second = await run();
    expect(differences(second)).toEqual([]);
    const again = await run();
    expect(differences(again)).toEqual([]);
    expect(again.tally.alreadyThere).toBe(SALES + CREDIT_NOTES);
  });

  it('waits for a shop that goes away, and says so once', async () => {
    await open();
    shop.onBooked = (count) => void (count === 20 && shop.close());
    const report = await run({ awayAfterMs: 0 }, (line) => {
      if (line.startsWith('The shop does not answer')) void shop.open();
    });
    expect(differences(report)).toEqual([]);
    expect(lines.filter((line) => line.startsWith('The shop does not answer'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('The shop is back'))).toHaveLength(1);
  });

  it('gives up on a shop that stays away, and says how to resume', async () => {
    await open();
    shop.onBooked = (count) => void (count === 20 && shop.close());
    const report = await run({ patienceMs: 50 });
    expect(report.outcome).toMatchObject({ is: 'gave-up', why: expect.stringContaining('no answer for') });
    expect(printReport(report, 1024).at(-1)).toContain('Run the same command again');

    await shop.open();
    expect(differences(await run())).toEqual([]);
  });

  it('gives up at once on a wrong password', async () => {
    await open();
    const report = await run({ credentials: { login: { ...FAKE_LOGIN, password: 'wrong' } } });
    expect(report.outcome).toMatchObject({ is: 'gave-up', why: expect.stringContaining('bad-credentials') });
  });
});
