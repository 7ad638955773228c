import { isDeclined } from './words.js';

/** What can be seen of the house from outside, when all is over. */
export interface Evidence {
  /** Status by order; the sagas of all orders that were ever stored. */
  readonly sagas: ReadonlyMap<string, string>;
  /** What happened to a subject in a context, in the order in which it took effect. */
  effects(context: string, subject: string): readonly string[];
  /** How many events of the customer were committed. */
  counted(customer: string): number;
}

/** What the world outside did. */
export interface Demands {
  readonly orders: readonly string[];
  readonly acknowledged: ReadonlySet<string>;
  readonly customers: readonly string[];
}

/** Every order that was acknowledged has a saga at its end, with all effects once, or all of them taken back. */
export function* brokenSagaPromises({ orders, acknowledged }: Demands, evidence: Evidence): Generator<string> {
  const asked = new Set(orders);
  for (const orderId of acknowledged) if (!evidence.sagas.has(orderId)) yield `The saga of ${orderId} was lost, although the order was acknowledged.`;
  for (const [orderId, status] of evidence.sagas) {
    if (!asked.has(orderId)) yield `Nobody asked for the saga ${orderId}.`;
    yield* brokenPromisesOf(orderId, status, evidence);
  }
}

function* brokenPromisesOf(orderId: string, status: string, evidence: Evidence): Generator<string> {
  const [shop, store, bank] = ['shop', 'store', 'bank'].map((context) => evidence.effects(context, orderId).join(', '));
  const seen = `shop: ${shop}; store: ${store}; bank: ${bank}`;
  if (status === 'done') {
    if (isDeclined(orderId)) yield `${orderId} was declined and is done all the same. ${seen}`;
    if (seen !== `shop: placed, confirmed, archived; store: reserved, shipped from shelf of ${orderId}; bank: charged`) yield `${orderId} is done, but not everything happened once. ${seen}`;
  } else if (status === 'compensated') {
    if (shop !== 'placed, rejected') yield `${orderId} was taken back, but the shop knows otherwise. ${seen}`;
    if (!['', 'reserved, released'].includes(store ?? '') || !['', 'charged, refunded'].includes(bank ?? '')) yield `${orderId} was not taken back completely, once. ${seen}`;
  } else yield `${orderId} did not come to its end: ${status}. ${seen}`;
}

/** Every event that was committed took effect with every listener, once, in the order of the commits; so did what they said in turn. */
export function* brokenEventPromises({ customers }: Demands, evidence: Evidence): Generator<string> {
  for (const customer of customers) {
    const count = evidence.counted(customer);
    for (const context of ['books', 'shop']) {
      const problem = difference(evidence.effects(context, `heard ${customer}`).map(Number), count);
      if (problem) yield `${context} heard of ${customer} ${problem}`;
    }
  }
}

/** Has every event been heard by everybody, as far as numbers tell? */
export function isAllHeard({ customers }: Demands, evidence: Evidence): boolean {
  return customers.every((customer) => ['books', 'shop'].every((context) => evidence.effects(context, `heard ${customer}`).length >= evidence.counted(customer)));
}

/** What is wrong with a list that must be 1, 2, 3 … up to the count; undefined when nothing is. */
function difference(heard: readonly number[], count: number): string | undefined {
  const times = Map.groupBy(heard, (it) => it);
  const lost = Array.from({ length: count }, (_, at) => at + 1).filter((n) => !times.has(n));
  const doubled = [...times].filter(([, those]) => those.length > 1).map(([n]) => n);
  const early = heard.filter((n, at) => at > 0 && n < (heard[at - 1] ?? 0));
  const strange = heard.filter((n) => n > count);
  const problems = [['lost', lost], ['doubled', doubled], ['out of order', early], ['never committed', strange]] as const;
  const named = problems.filter(([, those]) => those.length > 0).map(([what, those]) => `${what}: ${those.slice(0, 10).join(', ')}${those.length > 10 ? ` and ${those.length - 10} more` : ''}`);
  return named.length > 0 ? `${named.join('; ')} (of ${count}).` : undefined;
}
