import type { Occasion } from '../../persistence/index.js';
import type { TapedCall, TapedEnd, TapedEvent } from './entry.js';
import type { Redaction } from './redaction.js';

/** Which part of what an input was given is the context's own; the rest is the envelope that it came in. */
const OWN: Readonly<Record<Occasion['kind'], string>> = { request: 'body', command: 'input', query: 'input', event: 'payload', step: 'state' };

/** Only what people and contexts say is redacted, not the words around it: a personal `name` must not hide the name of an endpoint. */
export function redactedOccasion(redaction: Redaction, { kind, name, given }: Occasion): Occasion {
  if (typeof given !== 'object' || given === null) return { kind, name, given };
  const own = Object.entries(given).map(([field, value]: [string, unknown]): [string, unknown] => {
    if (field === OWN[kind]) return [field, redaction.of(value)];
    return [field, kind === 'request' && field === 'url' && typeof value === 'string' ? redaction.url(value) : value];
  });
  return { kind, name, given: Object.fromEntries(own) };
}

export function redactedEnding(redaction: Redaction, ending: TapedEnd['ending']): TapedEnd['ending'] {
  switch (ending.is) {
    case 'http': return { ...ending, body: redaction.of(ending.body) };
    case 'returned': return { ...ending, value: redaction.of(ending.value) };
    case 'refused': return { ...ending, details: redaction.of(ending.details) };
  }
}

export function redactedCall(redaction: Redaction, { input, outcome, ...call }: TapedCall): TapedCall {
  const told = outcome.is === 'answered' ? { ...outcome, value: redaction.of(outcome.value) } : { ...outcome, error: { ...outcome.error, details: redaction.of(outcome.error.details) } };
  return { ...call, input: redaction.of(input), outcome: told };
}

export function redactedEvent(redaction: Redaction, event: TapedEvent): TapedEvent {
  return { ...event, payload: redaction.of(event.payload) };
}
