import { describe, expect, it } from '@jest/globals';
import { newSeed } from '../testing/plain.js';
import { type Difference, type DifferenceKind, type Outputs, compare, defineComparison } from './index.js';
import { edited, keys, list, sample } from './sample.fixture.js';

const strict = defineComparison({});
const between = (primary: Outputs, candidate: Outputs): Difference[] => compare(primary, candidate, { rules: strict, keys });
const found = (differences: readonly Difference[]): string[] => [...new Set(differences.map(({ kind, field }) => `${kind} ${field}`))].sort();

const seed = newSeed();
const seeds = Array.from({ length: 40 }, (_, i) => seed + i);

interface Planted {
  readonly what: string;
  readonly path: string;
  readonly edit: (before: unknown) => unknown;
  readonly kind: DifferenceKind;
  readonly field: string;
}

const to = (after: unknown) => () => after;
const captured = 'events/payments.payment-captured';
const planted: Planted[] = [
  { what: 'another status', path: 'response/status', edit: to(200), kind: 'payload', field: 'response/status' },
  { what: 'another location', path: 'response/headers/Location', edit: to('/v1/payments/x'), kind: 'payload', field: 'response/headers/location' },
  { what: 'a lost header', path: 'response/headers/Location', edit: to(undefined), kind: 'schema', field: 'response/headers/location' },
  { what: 'an additional header', path: 'response/headers/ETag', edit: to('"1"'), kind: 'schema', field: 'response/headers/etag' },
  { what: 'a penny in the body', path: 'response/body/lines/1/price/amount', edit: (it) => Number(it) + 1, kind: 'payload', field: 'response/body/lines/*/price/amount' },
  { what: 'a lost null', path: 'response/body/lines/0/note', edit: to(undefined), kind: 'schema', field: 'response/body/lines/*/note' },
  { what: 'text for null', path: 'response/body/lines/0/note', edit: to(''), kind: 'schema', field: 'response/body/lines/*/note' },
  { what: 'a number as text', path: 'response/body/total', edit: String, kind: 'schema', field: 'response/body/total' },
  { what: 'an additional field', path: 'response/body/more', edit: to(1), kind: 'schema', field: 'response/body/more' },
  { what: 'a lost line', path: 'response/body/lines', edit: list.without(0), kind: 'missing', field: 'response/body/lines/*' },
  { what: 'a doubled line', path: 'response/body/lines', edit: list.doubled(0), kind: 'extra', field: 'response/body/lines/*' },
  { what: 'lines in another order', path: 'response/body/lines', edit: list.reversed, kind: 'reordered', field: 'response/body/lines' },
  { what: 'tags in another order', path: 'response/body/lines/0/tags', edit: list.reversed, kind: 'reordered', field: 'response/body/lines/*/tags' },
  { what: 'a time zone', path: 'response/body/since', edit: (it) => String(it).replace('Z', '+01:00'), kind: 'payload', field: 'response/body/since' },
  { what: 'a lost event', path: 'transactions/0/events', edit: list.without(1), kind: 'missing', field: captured },
  { what: 'a doubled event', path: 'transactions/0/events', edit: list.doubled(1), kind: 'extra', field: captured },
  { what: 'an amount in an event', path: 'transactions/0/events/1/payload/amount/amount', edit: to(-1), kind: 'payload', field: `${captured}/payload/amount/amount` },
  { what: 'another version of an event', path: 'transactions/0/events/1/eventVersion', edit: to(2), kind: 'payload', field: `${captured}/eventVersion` },
  { what: 'another moment of an event', path: 'transactions/0/events/1/occurredAt', edit: to('2026-01-01T00:00:00.000Z'), kind: 'payload', field: `${captured}/occurredAt` },
  { what: 'a lost row', path: 'transactions/0/rows', edit: list.without(1), kind: 'missing', field: 'rows/line' },
  { what: 'an additional row', path: 'transactions/0/rows', edit: list.with({ table: 'audit', change: 'inserted', row: { id: 0 } }), kind: 'extra', field: 'rows/audit' },
  { what: 'a changed column', path: 'transactions/1/rows/1/row/changed_at', edit: to('2026-01-01T00:00:00.000Z'), kind: 'payload', field: 'rows/payment/changed_at' },
  { what: 'a lost column', path: 'transactions/1/rows/1/row/reference', edit: to(undefined), kind: 'schema', field: 'rows/payment/reference' },
  { what: 'a deletion instead of a change', path: 'transactions/1/rows/1/change', edit: to('deleted'), kind: 'payload', field: 'rows/payment' },
  { what: 'another amount for the processor', path: 'calls/1/input/0/amount', edit: to(1), kind: 'payload', field: 'calls/CardProcessor.authorize/0/amount' },
  { what: 'another argument', path: 'calls/1/input/1/reference', edit: to('x'), kind: 'payload', field: 'calls/CardProcessor.authorize/1/reference' },
  { what: 'an additional argument', path: 'calls/2/input', edit: list.with({}), kind: 'schema', field: 'calls/CardProcessor.capture/1' },
  { what: 'another key for the processor', path: 'calls/1/key', edit: to('x'), kind: 'payload', field: 'calls/CardProcessor.authorize/idempotency-key' },
  { what: 'a lost call', path: 'calls', edit: list.without(0), kind: 'missing', field: 'calls/catalog.price-products' },
  { what: 'a doubled call', path: 'calls', edit: list.doubled(1), kind: 'extra', field: 'calls/CardProcessor.authorize' },
  { what: 'articles in another order', path: 'calls/0/input/skus', edit: list.reversed, kind: 'reordered', field: 'calls/catalog.price-products/skus' },
];

describe(`what two sides did differently (seed ${seed})`, () => {
  it('is nothing when both did the same', () => {
    expect(seeds.flatMap((it) => between(sample(it), sample(it)))).toEqual([]);
  });

  it.each(planted)('is $what, and nothing else', ({ path, edit, kind, field }) => {
    for (const it of seeds.slice(0, 10)) expect(found(between(sample(it), edited(sample(it), path, edit)))).toEqual([`${kind} ${field}`]);
  });

  it('tells both values, and the output', () => {
    const [one] = between(sample(seed), edited(sample(seed), 'response/status', to(500)));
    expect(one).toEqual({ output: 'response', kind: 'payload', field: 'response/status', primary: 201, candidate: 500 });
  });

  it('is the events and rows of a transaction that only one side has', () => {
    const { transactions } = sample(seed);
    const less = { ...sample(seed), transactions: transactions.slice(0, 1) };
    const expected = ['events/payments.payment-settled', 'rows/audit', 'rows/payment'];
    expect(found(between(sample(seed), less))).toEqual(expected.map((it) => `missing ${it}`));
    expect(found(between(less, sample(seed)))).toEqual(expected.map((it) => `extra ${it}`));
  });

  it('is the order of the events of one aggregate, and of calls', () => {
    const { transactions: [first, ...rest] } = sample(seed);
    const [one, two, three] = first?.events ?? [];
    const swapped = { ...sample(seed), transactions: [{ rows: first?.rows ?? [], events: [two, one, three].filter((it) => it !== undefined) }, ...rest] };
    expect(found(between(sample(seed), swapped))).toEqual(['reordered events/payments.payment-authorized']);
    expect(found(between(sample(seed), edited(sample(seed), 'calls', list.reversed)))).toEqual(['reordered calls/catalog.price-products']);
  });

  it('is an answer where the other side refused', () => {
    const refused: Outputs = { ...sample(seed), response: { is: 'refused', code: 'card-declined', message: 'No.' } };
    expect(found(between(sample(seed), refused))).toEqual(['schema response/is']);
    expect(found(between(refused, { ...refused, response: { is: 'refused', code: 'card-declined', message: 'No!', details: {} } }))).toEqual(['payload response/message', 'schema response/details']);
  });

  it('is what was returned: no value is not null', () => {
    const returned = (value: unknown): Outputs => ({ ...sample(seed), response: { is: 'returned', value } });
    expect(found(between(returned(undefined), returned(null)))).toEqual(['schema response/value']);
  });

  it.each([
    { before: [10, 1, 2, 3, 11], after: [1, 2, 3, 12, 13], differences: ['10 missing', '11 became 12', '13 extra'] },
    { before: [5, 8, 1, 2, 3], after: [9, 1, 2, 3, 5], differences: ['8 became 9', '5 reordered'] },
    { before: [1, 2, 3, 4], after: [1, 9, 3, 4], differences: ['2 became 9'] },
    { before: [1, 2, 3], after: [1, 2, 2, 3], differences: ['2 extra'] },
    { before: [], after: [1], differences: ['1 extra'] },
  ])('aligns $before with $after by what stayed', ({ before, after, differences }) => {
    const returned = (value: unknown): Outputs => ({ transactions: [], calls: [], response: { is: 'returned', value } });
    const told = between(returned(before), returned(after)).map(({ kind, primary, candidate }) => (kind === 'payload' ? `${primary} became ${candidate}` : `${primary ?? candidate} ${kind}`));
    expect(told.toSorted()).toEqual(differences.toSorted());
  });

  it('keeps a slash in a name apart from the parts of a field', () => {
    const plain: Outputs = { transactions: [], calls: [], response: { is: 'returned', value: { 'a/b~c': 1 } } };
    expect(found(between(plain, edited(plain, 'response/value', to({ 'a/b~c': 2 }))))).toEqual(['payload response/value/a~1b~0c']);
  });

  it('is not fooled by names that every object has', () => {
    const plain: Outputs = { transactions: [], calls: [], response: { is: 'returned', value: {} } };
    expect(found(between(plain, edited(plain, 'response/value', to({ toString: 'x' }))))).toEqual(['schema response/value/toString']);
  });
});

describe('what counts as the same', () => {
  it('are events of different aggregates in another order', () => {
    const { transactions: [first, ...rest] } = sample(seed);
    const [one, two, three] = first?.events ?? [];
    const swapped = { ...sample(seed), transactions: [{ rows: first?.rows ?? [], events: [three, one, two].filter((it) => it !== undefined) }, ...rest] };
    expect(between(sample(seed), swapped)).toEqual([]);
  });

  it('are rows written in another order, or in more steps with the same end', () => {
    const inserted = sample(seed).transactions[0]?.rows.find(({ table }) => table === 'line');
    const steps = (before: unknown): unknown => (Array.isArray(before) ? [...before.toReversed().filter((it) => it !== inserted), { ...inserted, row: { ...inserted?.row, sku: 'draft' } }, { ...inserted, change: 'updated' }] : before);
    const rewritten = edited(sample(seed), 'transactions/0/rows', (before) => (Array.isArray(before) ? before.filter(({ change }) => change === 'inserted') : before));
    const netted = edited(rewritten, 'transactions/0/rows', (before) => (Array.isArray(before) ? before.map((it) => (it.table === 'payment' ? { ...it, row: { ...it.row, status: 'captured' } } : it)) : before));
    expect(between(sample(seed), netted)).toEqual([]);
    expect(between(netted, edited(netted, 'transactions/0/rows', steps))).toEqual([]);
  });

  it('is a row that came and went within a transaction', () => {
    const brief = ['inserted', 'updated', 'deleted'].map((change) => ({ table: 'audit', change, row: { id: 5_000 } }));
    const passing = edited(sample(seed), 'transactions/0/rows', (before) => (Array.isArray(before) ? [...before, ...brief] : before));
    expect(between(sample(seed), passing)).toEqual([]);
  });

  it('are headers that do not matter, and responses that are not known', () => {
    expect(between(sample(seed), edited(sample(seed), 'response/headers/date', to('now')))).toEqual([]);
    expect(between(sample(seed), { ...sample(seed), response: undefined })).toEqual([]);
  });
});
