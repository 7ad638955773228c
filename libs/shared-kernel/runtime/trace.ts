import { randomUUID } from 'node:crypto';

/** A place in a trace, by W3C Trace Context. */
export interface TracePlace {
  /** `00-<trace id>-<span id>-<flags>`: goes along with requests, calls, events and sagas that come of it. */
  readonly traceparent: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Are the spans of this trace recorded? Undefined while none has begun, where somebody records spans at all. */
  readonly isSampled: boolean | undefined;
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;

const spans = { areRecorded: false };

/** Said by whoever begins or ends to record spans; of this process. */
export function noteRecording(areRecorded: boolean): void {
  spans.areRecorded = areRecorded;
}

/**
 * The place of a new input in the trace that it belongs to, or in a trace of its own when the header is missing or
 * malformed. Where spans are recorded it stands at the span that it comes from until one of its own begins, so that
 * nothing is ever said to have come from a span that nobody can find. Elsewhere it has a span id for the log.
 */
export function newTrace(parent: string | undefined): TracePlace {
  const [, traceId, spanId, flags = ''] = TRACEPARENT.exec(parent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined) {
    return spans.areRecorded ? { ...placeAt(randomDigits(), newSpanId(), false), isSampled: undefined } : placeAt(randomDigits(), newSpanId(), true);
  }
  const isSampled = (Number.parseInt(flags, 16) & SAMPLED) === SAMPLED;
  return placeAt(traceId, spans.areRecorded ? spanId : newSpanId(), isSampled);
}

/** The place of an input that was opened inside of another one. */
export function traceWithin(outer: TracePlace): TracePlace {
  const { traceparent, traceId, spanId, isSampled } = outer;
  return spans.areRecorded ? { traceparent, traceId, spanId, isSampled } : newTrace(traceparent);
}

/** The place of a span. */
export function placeAt(traceId: string, spanId: string, isSampled: boolean): TracePlace {
  return { traceparent: `00-${traceId}-${spanId}-${isSampled ? '01' : '00'}`, traceId, spanId, isSampled };
}

function newSpanId(): string {
  return randomDigits().slice(16);
}

/** 32 hexadecimal digits, never all zero. A fifth of the price of `randomBytes`, which every input would pay twice. */
function randomDigits(): string {
  return randomUUID().replaceAll('-', '');
}
