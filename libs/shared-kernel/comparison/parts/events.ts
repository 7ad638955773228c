import type { EmittedEvent } from '../outputs.js';
import type { Place } from '../rules/place.js';
import type { Comparing } from '../values/comparing.js';
import { pairInOrder } from '../values/in-order.js';
import type { LikenessWriter } from '../values/likeness.js';
import { pairWithoutOrder } from '../values/without-order.js';

/** What is compared of an event; its type is part of the place. */
const FIELDS = ['eventId', 'eventVersion', 'occurredAt', 'aggregateType', 'aggregateId', 'correlationId', 'causationId', 'payload'] as const;

/** The events of one aggregate, in their order. */
type Story = readonly EmittedEvent[];

/** Compares what one transaction announced: in strict order for each aggregate; between aggregates order means nothing. */
export function compareEvents(comparing: Comparing, primary: readonly EmittedEvent[], candidate: readonly EmittedEvent[], events: Place): void {
  const placeOf = ({ eventType }: EmittedEvent): Place => events.child(eventType);
  const missing = (it: EmittedEvent): void => comparing.note('missing', placeOf(it), it, undefined);
  const extra = (it: EmittedEvent): void => comparing.note('extra', placeOf(it), undefined, it);
  const write = (it: EmittedEvent, writer: LikenessWriter): string => FIELDS.map((field) => writer.write(it[field], placeOf(it).child(field))).join();
  const compareStories = (a: Story, b: Story): void => pairInOrder(comparing, a, b, {
    compare: (one, other) => {
      for (const field of FIELDS) comparing.value(one[field], other[field], placeOf(one).child(field));
    },
    write,
    label: ({ eventType }) => eventType,
    missing,
    extra,
    reordered: (one, other) => comparing.note('reordered', placeOf(one), one, other),
  });
  pairWithoutOrder(comparing, stories(primary), stories(candidate), {
    compare: compareStories,
    write: (story, writer) => story.map((it) => `${it.eventType} ${write(it, writer)}`).join(),
    label: ([first], writer) => (first ? `${first.aggregateType} ${writer.write(first.aggregateId, placeOf(first).child('aggregateId'))}` : ''),
    missing: (story) => story.forEach(missing),
    extra: (story) => story.forEach(extra),
    reordered: () => undefined,
  });
}

function stories(events: readonly EmittedEvent[]): Story[] {
  const known = new Map<string, EmittedEvent[]>();
  for (const it of events) {
    const key = JSON.stringify([it.aggregateType, it.aggregateId]);
    const story = known.get(key);
    if (story) story.push(it);
    else known.set(key, [it]);
  }
  return [...known.values()];
}
