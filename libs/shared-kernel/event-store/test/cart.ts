import { z } from 'zod';
import { type EventOf, type SnapshotPlan, type StreamDefinition, defineStream } from '../index.js';

const line = z.strictObject({ sku: z.string(), quantity: z.int() });
const older = z.object({ article: z.string() });
const events = {
  put: {
    version: 3, data: line,
    upcast: {
      1: (data: unknown) => ({ ...older.parse(data), quantity: 1 }),
      2: (data: unknown) => {
        const { article: sku, quantity } = older.extend({ quantity: z.int() }).parse(data);
        return { sku, quantity };
      },
    },
  },
  taken: { version: 1, data: line },
} as const;

type Contents = Readonly<Record<string, number>>;
type CartEvent = EventOf<typeof events>;
export type CartStream = StreamDefinition<typeof events, Contents>;

const empty: Contents = {};
const contents = z.record(z.string(), z.int());

/** A shopping cart as a stream: what was put in and taken out. Its first version knew neither SKUs nor quantities. */
export const cart: CartStream = defineStream({
  name: 'cart', events, initial: empty,
  evolve: (state, { type, data: { sku, quantity } }): Contents => ({ ...state, [sku]: (state[sku] ?? 0) + (type === 'put' ? quantity : -quantity) }),
});

/** The same cart, with its state kept after every so many events. */
export function cartWithSnapshots(plan: Omit<SnapshotPlan<Contents>, 'state'>): CartStream {
  return { ...cart, snapshots: { ...plan, state: contents } };
}

/** The n-th minute of the test's hour. */
export function at(minute: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 12, minute));
}

export function put(sku: string, quantity: number, minute = 0): CartEvent {
  return { type: 'put', data: { sku, quantity }, occurredAt: at(minute) };
}

export function taken(sku: string, quantity: number, minute = 0): CartEvent {
  return { type: 'taken', data: { sku, quantity }, occurredAt: at(minute) };
}
