import type { OutboundCall } from '../outputs.js';
import type { Place } from '../rules/place.js';
import type { Comparing } from '../values/comparing.js';
import { pairInOrder } from '../values/in-order.js';
import { isList } from '../values/json-type.js';

/** The key that went with a call, in a place that no argument has. */
const KEY = 'idempotency-key';

/** Compares what was asked of others: one input's calls are a conversation, so their order counts. */
export function compareCalls(comparing: Comparing, primary: readonly OutboundCall[], candidate: readonly OutboundCall[], calls: Place): void {
  const placeOf = ({ name }: OutboundCall): Place => calls.child(name);
  pairInOrder(comparing, primary, candidate, {
    compare: (a, b) => {
      compareInputs(comparing, a.input, b.input, placeOf(a));
      comparing.value(a.key, b.key, placeOf(a).child(KEY));
    },
    write: (it, writer) => `${isList(it.input) ? it.input.map((one, i) => writer.write(one, placeOf(it).child(String(i)))).join() : writer.write(it.input, placeOf(it))} ${writer.write(it.key, placeOf(it).child(KEY))}`,
    label: ({ name }) => name,
    missing: (it) => comparing.note('missing', placeOf(it), it, undefined),
    extra: (it) => comparing.note('extra', placeOf(it), undefined, it),
    reordered: (a, b) => comparing.note('reordered', placeOf(a), a, b),
  });
}

/** Arguments have their meaning by their position, so each has a field of its own: `calls/CardProcessor.authorize/1`. */
function compareInputs(comparing: Comparing, primary: unknown, candidate: unknown, place: Place): void {
  if (!isList(primary) || !isList(candidate)) return comparing.value(primary, candidate, place);
  for (let i = 0; i < Math.max(primary.length, candidate.length); i += 1) comparing.value(primary[i], candidate[i], place.child(String(i)));
}
