import { Chance } from '../testing/plain.js';
import type { EmittedEvent, Keys, OutboundCall, Outputs, WrittenRow } from './outputs.js';

export const keys: Keys = { payment: ['id'], line: ['payment_id', 'position'], audit: ['id'] };

const [START, DAY] = [Date.UTC(2026, 0, 1), 86_400_000];

/** What a capture of a payment with some lines might do; a function of its seed. */
export function sample(seed: number): Outputs {
  const chance = new Chance(seed);
  const id = (): string => `${chance.below(2 ** 40).toString(16).padStart(12, '0')}-${chance.below(2 ** 20)}`;
  const at = new Date(START + chance.below(DAY)).toISOString();
  const [payment, other, correlationId] = [id(), id(), id()];
  const lines = Array.from({ length: 2 + chance.below(4) }, (_, i) => ({ sku: `B-${i}-${chance.below(100)}`, price: { amount: 100 + chance.below(900), currency: 'GBP' }, note: null, tags: ['a', 'b', `c${i}`] }));
  const event = (eventType: string, aggregateId: string): EmittedEvent => ({
    eventId: id(), eventType, eventVersion: 1, occurredAt: at, aggregateType: 'payment', aggregateId, correlationId, causationId: id(),
    payload: { paymentId: aggregateId, amount: { amount: chance.below(5_000), currency: 'GBP' }, lines },
  });
  const paymentRow = (status: string): WrittenRow => ({ table: 'payment', change: status === 'new' ? 'inserted' : 'updated', row: { id: payment, status, amount: 1_250, changed_at: at, reference: null } });
  const calls: OutboundCall[] = [
    { name: 'catalog.price-products', input: { skus: lines.map(({ sku }) => sku) } },
    { name: 'CardProcessor.authorize', input: [{ amount: 1_250 }, { reference: payment }], key: `${payment}-1` },
    { name: 'CardProcessor.capture', input: [{ amount: 1_250 }], key: `${payment}-2` },
  ];
  return {
    response: { is: 'http', status: 201, headers: { Location: `/v1/payments/${payment}`, 'content-type': 'application/json', date: at }, body: { id: payment, total: 1_250, lines, since: at } },
    calls,
    transactions: [
      { events: [event('payments.payment-authorized', payment), event('payments.payment-captured', payment), event('payments.payment-noted', other)], rows: [paymentRow('new'), ...lineRows(payment, lines), paymentRow('captured')] },
      { events: [event('payments.payment-settled', payment)], rows: [{ table: 'audit', change: 'inserted', row: { id: 1 + chance.below(1_000), what: 'settled' } }, paymentRow('settled')] },
    ],
  };
}

function lineRows(payment: string, lines: readonly { sku: string }[]): WrittenRow[] {
  return lines.map(({ sku }, position) => ({ table: 'line', change: 'inserted', row: { payment_id: payment, position, sku } }));
}

/** A copy in which one place (`transactions/0/rows/1/row/sku`) is another; `undefined` takes it away. */
export function edited(outputs: Outputs, path: string, edit: (before: unknown) => unknown): Outputs {
  return editedValue(outputs, path.split('/'), edit) as Outputs;
}

function editedValue(value: unknown, [name, ...below]: readonly string[], edit: (before: unknown) => unknown): unknown {
  if (name === undefined) return edit(value);
  if (Array.isArray(value)) return value.map((it: unknown, i) => (String(i) === name ? editedValue(it, below, edit) : it));
  if (typeof value !== 'object' || value === null || !(name in value || below.length === 0)) throw new Error(`There is no ${name} in the sample.`);
  return Object.fromEntries(Object.entries({ [name]: undefined, ...value }).map(([key, it]: [string, unknown]) => [key, key === name ? editedValue(it, below, edit) : it]).filter(([, it]) => it !== undefined));
}

/** Edits of lists. */
export const list = {
  without: (at: number) => (before: unknown) => items(before).filter((_, i) => i !== at),
  doubled: (at: number) => (before: unknown) => items(before).flatMap((it, i) => (i === at ? [it, it] : [it])),
  reversed: (before: unknown) => items(before).toReversed(),
  with: (added: unknown) => (before: unknown) => [...items(before), added],
};

function items(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw new Error('This place of the sample is no list.');
  return value;
}

/** The same with every one of these texts replaced by another, wherever it stands. */
export function renamed(outputs: Outputs, names: ReadonlyMap<string, string>): Outputs {
  return JSON.parse(JSON.stringify(outputs), (_key, value: unknown) => (typeof value === 'string' ? names.get(value) ?? value : value)) as Outputs;
}
