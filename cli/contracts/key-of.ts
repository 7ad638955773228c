import type { EventDefinition } from '@banyan/kernel/contract';

/**
 * Where an event's ordering key comes from: `{/orderId}`, or `{/tenant}:{/orderId}` for one that is put together.
 * Found by asking for the key of a payload in which every field, at any depth, is a text with its own place in it.
 */
export function keyOf({ aggregateId }: Pick<EventDefinition, 'aggregateId'>): string {
  try {
    return String(aggregateId(placeholder('')));
  } catch {
    return 'computed';
  }
}

/** Stands for the value at a place of a payload: written down it is the place, and its fields are places too. */
function placeholder(place: string): unknown {
  const text = (): string => `{${place}}`;
  return new Proxy({}, {
    get: (_target, name) => {
      if (name === Symbol.toPrimitive || name === 'toString') return text;
      if (typeof name === 'symbol') return undefined;
      return placeholder(`${place}/${name}`);
    },
  });
}
