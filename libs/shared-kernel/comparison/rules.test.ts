import { describe, expect, it } from '@jest/globals';
import { newSeed } from '../testing/plain.js';
import { type ComparisonDeclaration, type Outputs, type WrittenRow, asSet, compare, defineComparison, ignored, matchesField, sameIds, tolerance, within } from './index.js';
import { edited, keys, list, renamed, sample } from './sample.fixture.js';

const seed = newSeed();
const seeds = Array.from({ length: 20 }, (_, i) => seed + i);

function found(primary: Outputs, candidate: Outputs, declaration: ComparisonDeclaration): string[] {
  const differences = compare(primary, candidate, { rules: defineComparison(declaration), keys });
  return [...new Set(differences.map(({ kind, field }) => `${kind} ${field}`))].sort();
}

const answering = (body: unknown): Outputs => ({ response: { is: 'http', status: 200, headers: {}, body }, transactions: [], calls: [] });
const writing = (...rows: readonly WrittenRow[]): Outputs => ({ response: undefined, transactions: [{ events: [], rows }], calls: [] });
const inserted = (table: string, row: Readonly<Record<string, unknown>>): WrittenRow => ({ table, change: 'inserted', row });

/** Every place of the sample that holds ids made by the side itself. */
const ids: ComparisonDeclaration = {
  fields: {
    'response/headers/location': sameIds('location'), 'response/body/id': sameIds(),
    'events/*/*Id': sameIds(), 'events/*/payload/paymentId': sameIds(),
    'rows/payment/id': sameIds(), 'rows/line/payment_id': sameIds(),
    'calls/CardProcessor.authorize/1/reference': sameIds(), 'calls/*/idempotency-key': sameIds('key'),
  },
};

/** All ids of the sample, each with a new name. */
function newNames(outputs: Outputs): Map<string, string> {
  const texts = JSON.stringify(outputs).match(/"(?:\/v1\/payments\/)?[0-9a-f]{12}-\d+(?:-\d)?"/g) ?? [];
  return new Map([...new Set(texts)].sort().map((it, i) => [it.slice(1, -1), `new-${(i * 7_919) % 1_009}`]));
}

describe(`ids that each side makes by itself (seed ${seed})`, () => {
  it('may have other names, one-to-one, in all four outputs', () => {
    for (const it of seeds) expect(found(sample(it), renamed(sample(it), newNames(sample(it))), ids)).toEqual([]);
  });

  it('may have other names while rows and events stand in another order', () => {
    for (const it of seeds) {
      const other = edited(edited(renamed(sample(it), newNames(sample(it))), 'transactions/1/rows', list.reversed), 'transactions/0/rows', (rows) => (Array.isArray(rows) ? [...rows.slice(1, -1).toReversed(), rows[0], rows.at(-1)] : rows));
      expect(found(sample(it), other, ids)).toEqual([]);
    }
  });

  it('are a difference where one of them points elsewhere', () => {
    const other = renamed(sample(seed), newNames(sample(seed)));
    expect(found(sample(seed), edited(other, 'transactions/0/events/1/payload/paymentId', () => 'somebody-else'), ids)).toEqual(['payload events/payments.payment-captured/payload/paymentId']);
    expect(found(sample(seed), edited(other, 'calls/2/key', () => other.calls[1]?.key), ids)).toEqual(['payload calls/CardProcessor.capture/idempotency-key']);
  });

  it('must not stand for two of the other side, nor two for one', () => {
    const declaration = { fields: { 'response/body/*': sameIds() } };
    expect(found(answering({ a: 'x', b: 'x' }), answering({ a: 'y', b: 'z' }), declaration)).toEqual(['payload response/body/b']);
    expect(found(answering({ a: 'x', b: 'y' }), answering({ a: 'z', b: 'z' }), declaration)).toEqual(['payload response/body/b']);
  });

  it('bind nobody in pairs that were tried in vain', () => {
    const fields = { 'response/body/*/id': sameIds() };
    expect(found(answering([{ id: 'a', v: 1 }, { id: 'b', v: 2 }]), answering([{ id: 'y', v: 2 }]), { fields })).toEqual(['missing response/body/*']);
  });

  it('are followed from a deleted row too', () => {
    const fields = { 'rows/*/id': sameIds(), 'rows/audit/of': sameIds() };
    const side = (id: string, of: string): Outputs => writing({ table: 'payment', change: 'deleted', row: { id, status: 'x' } }, inserted('audit', { id: 'one', of }));
    expect(found(side('a', 'a'), side('b', 'b'), { fields })).toEqual([]);
    expect(found(side('a', 'a'), side('b', 'c'), { fields })).toHaveLength(1);
  });

  it('are of one thing or of another, however that is called', () => {
    const fields = { 'response/body/a': sameIds('order'), 'response/body/b': sameIds('order line') };
    expect(found(answering({ a: 'line 7', b: '7' }), answering({ a: 'line 8', b: '9' }), { fields })).toEqual([]);
  });

  it('are kept apart by what they are ids of', () => {
    const [ours, theirs] = [answering({ a: 1, b: 1 }), answering({ a: 2, b: 3 })];
    expect(found(ours, theirs, { fields: { 'response/body/a': sameIds('a'), 'response/body/b': sameIds('b') } })).toEqual([]);
  });

  it('find the rows that belong together by what points to them', () => {
    const fields = { 'rows/payment/id': sameIds(), 'rows/line/payment_id': sameIds() };
    const side = (...names: readonly [string, string]): WrittenRow[] => names.flatMap((id, i) => [inserted('payment', { id, status: 'new' }), inserted('line', { payment_id: id, position: i, sku: `B-${i}` })]);
    expect(found(writing(...side('a', 'b')), writing(...side('c', 'd').toReversed()), { fields })).toEqual([]);
    const wrong = [...side('c', 'd')].map((it) => (it.row['sku'] === 'B-1' ? { ...it, row: { ...it.row, payment_id: 'c' } } : it));
    expect(found(writing(...side('a', 'b')), writing(...wrong), { fields })).not.toEqual([]);
  });
});

describe('rules', () => {
  it('ignore a field and all below it, and nothing beside it', () => {
    const candidate = edited(edited(sample(seed), 'response/body/lines/0/price/amount', () => -1), 'response/body/total', () => -1);
    expect(found(sample(seed), candidate, { fields: { 'response/body/lines': ignored('Prices are drawn.') } })).toEqual(['payload response/body/total']);
  });

  it('take lists for sets, where lists within the elements keep their order', () => {
    const fields = { 'response/body/lines': asSet() };
    expect(found(sample(seed), edited(sample(seed), 'response/body/lines', list.reversed), { fields })).toEqual([]);
    expect(found(sample(seed), edited(sample(seed), 'response/body/lines/0/tags', list.reversed), { fields })).toEqual(['reordered response/body/lines/*/tags']);
    expect(found(sample(seed), edited(sample(seed), 'response/body/lines', list.without(0)), { fields })).toEqual(['missing response/body/lines/*']);
    expect(found(sample(seed), edited(edited(sample(seed), 'response/body/lines/0/price/amount', () => -1), 'response/body/lines', list.reversed), { fields })).toEqual(['payload response/body/lines/*/price/amount']);
  });

  it('count the elements of a set', () => {
    expect(found(answering(['a', 'a', 'b']), answering(['b', 'a', 'b']), { fields: { 'response/body': asSet() } })).toEqual(['payload response/body/*']);
    expect(found(answering(['a', 'b']), answering(['b', 'a', 'b']), { fields: { 'response/body': asSet() } })).toEqual(['extra response/body/*']);
  });

  it('let instants differ by as much as the window', () => {
    const fields = { 'rows/*/*_at': within('1s') };
    const side = (changed_at: string): Outputs => writing(inserted('payment', { id: 'a', changed_at }));
    expect(found(side('2026-01-01T00:00:00.000Z'), side('2026-01-01T00:00:01.000Z'), { fields })).toEqual([]);
    expect(found(side('2026-01-01T00:00:00.000Z'), side('2026-01-01T00:00:01.001Z'), { fields })).toEqual(['payload rows/payment/changed_at']);
    expect(found(side('2026-01-01T00:00:00.000Z'), side('2026-01-01T01:00:00.000+01:00'), { fields })).toEqual([]);
    expect(found(side('2026-01-01T00:00:00.000Z'), side('soon'), { fields })).toEqual(['payload rows/payment/changed_at']);
  });

  it('let numbers differ by as much as the tolerance, in sets too', () => {
    const fields = { '**/v': tolerance(0.1), 'response/body': asSet() };
    expect(found(answering([{ v: 1 }, { v: 2 }]), answering([{ v: 2.1 }, { v: 0.9 }]), { fields })).toEqual([]);
    expect(found(answering([{ v: 1 }, { v: 2 }]), answering([{ v: 2.2 }, { v: 0.9 }]), { fields })).toEqual(['payload response/body/*/v']);
    expect(found(answering({ v: '1.00' }), answering({ v: '1.05' }), { fields })).toEqual([]);
    expect(found(answering({ v: '1.00' }), answering({ v: 1 }), { fields })).toEqual(['schema response/body/v']);
  });

  it('take no text for an instant because it ends in a number', () => {
    const fields = { 'response/body/**': within('1h') };
    expect(found(answering({ a: 'tea 1', b: '12', c: '2026-01-01 or so' }), answering({ a: 'fig-1', b: '12.0', c: '2026-01-01 (about)' }), { fields })).toEqual(['payload response/body/a', 'payload response/body/b', 'payload response/body/c']);
    expect(found(answering(['2026-01-01 12:00:00.123456+00', '2026-01-01', '2026-01-01T12:00']), answering(['2026-01-01T13:00:00+01:00', '2026-01-01T00:30Z', '2026-01-01T12:00:01.5']), { fields })).toEqual([]);
  });

  it('reckon with decimals as they are written, however long and wherever the point is', () => {
    const penny = { fields: { 'response/body': tolerance(0.01) } };
    for (const [a, b] of [[100, 100.01], [-100.01, -100], [4_503_599_627_370.25, 4_503_599_627_370.26], ['100.00', '100.01'], ['90071992547409930.01', '90071992547409930.02'], ['0', '-0.01'], ['1e3', '+1000.010']]) {
      expect(found(answering(a), answering(b), penny)).toEqual([]);
    }
    for (const [a, b] of [[100, 100.02], ['90071992547409930.01', '90071992547409930.03'], ['9007199254740993', '9007199254740992'], ['0x10', '16'], ['NaN', 'nan'], ['1e9999999', '1e9999998']]) {
      expect(found(answering(a), answering(b), penny)).toEqual(['payload response/body']);
    }
  });

  it('look at further headers', () => {
    const candidate = edited(sample(seed), 'response/headers/date', () => 'now');
    expect(found(sample(seed), candidate, { headers: ['date'] })).toEqual(['payload response/headers/date']);
  });

  it('let the most exact pattern rule', () => {
    const fields = { 'rows/payment/amount': tolerance(0), 'rows/payment/*': ignored('None of our business.'), 'rows/**': tolerance(1_000) };
    const side = (amount: number, fee: number): Outputs => writing(inserted('payment', { id: 1, amount, fee }));
    expect(found(side(1, 1), side(2, 9), { fields })).toEqual(['payload rows/payment/amount']);
  });

  it('compare implementations with different tables through the facts behind them', () => {
    const declaration: ComparisonDeclaration = {
      factKeys: { captured: ['payment'] },
      projection: (rows) => rows.flatMap(({ table, change, row }) => {
        if (table === 'payment') return [{ table: 'captured', change, row: { payment: row['id'], amount: row['amount'] } }];
        return table === 'ledger' ? [{ table: 'captured', change: row['version'] === 1 ? 'inserted' : 'updated', row: { payment: row['stream'], amount: row['sum'] } }] : [];
      }),
    };
    const rows = writing(inserted('payment', { id: 'p', amount: 3 }));
    const ledger = (sum: number): Outputs => writing(inserted('ledger', { stream: 'p', version: 1, sum: 1 }), inserted('ledger', { stream: 'p', version: 2, sum }));
    expect(found(rows, ledger(3), declaration)).toEqual([]);
    expect(found(rows, ledger(4), declaration)).toEqual(['payload rows/captured/amount']);
  });
});

it('a field says of a name from data that it is one, where it looks like a pattern', () => {
  const [ours, theirs] = [answering({ '*': 1, '**': 1, '': 1, 'a/b~c': 1, usual: 1 }), answering({ '*': 2, '**': 2, '': 2, 'a/b~c': 2, usual: 1 })];
  const fields = found(ours, theirs, {}).map((it) => it.replace('payload ', ''));
  expect(fields).toEqual(['response/body/a~1b~0c', 'response/body/~2', 'response/body/~2~2', 'response/body/~3']);
  for (const field of fields) {
    expect(found(ours, theirs, { fields: { [field]: ignored('It may be.') } })).toHaveLength(3);
    expect(matchesField(field, 'response/body/usual')).toBe(false);
  }
});

describe('the declaration of a comparison', () => {
  it('is refused with all of its mistakes', () => {
    const wrong = () => defineComparison({
      headers: ['ETag'],
      fields: { 'body/x': asSet(), 'rows//x': asSet(), 'rows/a**': asSet(), 'rows/x': ignored(' '), 'rows/y': tolerance(-1), 'rows/z': within('1 s' as '1s') },
      factKeys: { fact: ['id'] },
    });
    expect(wrong).toThrow(/"ETag".*"body\/x" begins with "body".*"rows\/\/x" has an empty part.*"rows\/a\*\*".*"rows\/x" ignored\(\) needs a reason.*tolerance\(-1\).*within\('1 s'\).*factKeys without a projection/);
  });

  it.each([
    { pattern: 'rows/*/id', field: 'rows/payment/id', does: true }, { pattern: 'rows/*', field: 'rows/payment/id', does: false },
    { pattern: 'rows/**', field: 'rows/payment/id', does: true }, { pattern: 'rows/**', field: 'rows', does: true },
    { pattern: '**/amount', field: 'events/a.b/payload/lines/*/amount', does: true }, { pattern: '**/payload/**/amount', field: 'events/a/payload/amount', does: true },
    { pattern: 'rows/*/*_at', field: 'rows/payment/changed_at', does: true }, { pattern: 'rows/*/*_at', field: 'rows/payment/cat', does: false },
    { pattern: 'events/a.b', field: 'events/axb', does: false },
  ])('matches $pattern with $field: $does', ({ pattern, field, does }) => {
    expect(matchesField(pattern, field)).toBe(does);
  });
});
