import { BanyanError } from '../../contract/index.js';
import { type Input, type InputSeed, currentInput, noteRecording, runInput } from '../../runtime/index.js';

export type SpanKind = 'internal' | 'server' | 'client' | 'consumer';

/** Ids, names and counts, never payloads; OpenTelemetry's names where it has one, ours begin with `banyan.`. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** What a span says of the work that it stands for. Names come from the code, never from what a request brings. */
export interface SpanFacts {
  readonly kind: SpanKind;
  readonly name: string;
  readonly attributes: SpanAttributes;
}

/** How the work ended. */
export interface SpanOutcome {
  readonly attributes?: SpanAttributes;
  /** `isFault`: it is our fault; an answer of 404 or a declined card is none. */
  readonly failure?: { readonly type: string; readonly isFault: boolean } | undefined;
}

/** A span under way. */
export interface OpenSpan {
  /** Runs the callback under this span: what begins in it, here or in another process, comes from it. */
  within<T>(callback: () => T): T;
  end(outcome?: SpanOutcome): void;
}

/** Records spans. */
export interface SpanRecorder {
  start(facts: SpanFacts, place: Input): OpenSpan;
}

/** Of this process, like the log: undefined where nobody collects traces, and then spans cost no more than a look at it. */
let recorder: SpanRecorder | undefined;

/** From now on spans are recorded so, or not at all. */
export function recordSpans(by: SpanRecorder | undefined): void {
  recorder = by;
  noteRecording(by !== undefined);
}

/**
 * Begins a span of the input under way; the first one of a trace decides whether the trace is recorded.
 * @param factsOf asked only when the span is recorded
 * @returns undefined when it is not
 */
export function openSpan<S>(factsOf: (subject: S) => SpanFacts, subject: S): OpenSpan | undefined {
  if (recorder === undefined) return undefined;
  const place = currentInput();
  return place === undefined || place.isSampled === false ? undefined : recorder.start(factsOf(subject), place);
}

/** Records work that begins now and nothing else comes from, such as a statement; only as part of work that is recorded. */
export function noteWork<S>(factsOf: (subject: S) => SpanFacts, subject: S, work: Promise<unknown>): void {
  if (recorder === undefined || currentInput()?.isSampled !== true) return;
  const span = openSpan(factsOf, subject);
  work.then(() => span?.end(), (error: unknown) => span?.end({ failure: failureOf(error) }));
}

/** Runs the work under a span of the input under way. @param outcomeOf what came of it, where that is more than "done" */
export function inSpan<S, T>(factsOf: (subject: S) => SpanFacts, subject: S, work: () => Promise<T>, outcomeOf?: (result: T) => SpanOutcome): Promise<T> {
  const span = openSpan(factsOf, subject);
  return span === undefined ? work() : span.within(() => watched(span, work, outcomeOf));
}

/** Runs the work as an input with a span of its own. */
export function runTraced<S, T>(seed: InputSeed, factsOf: (subject: S) => SpanFacts, subject: S, work: () => Promise<T>): Promise<T> {
  return recorder === undefined ? runInput(seed, work) : runInput(seed, () => inSpan(factsOf, subject, work));
}

async function watched<T>(span: OpenSpan, work: () => Promise<T>, outcomeOf?: (result: T) => SpanOutcome): Promise<T> {
  try {
    const result = await work();
    span.end(outcomeOf?.(result));
    return result;
  } catch (error) {
    span.end({ failure: failureOf(error) });
    throw error;
  }
}

/** The error's code (ours, PostgreSQL's, the system's), else its name: messages may quote what nobody should read. */
function failureOf(error: unknown): SpanOutcome['failure'] {
  if (error instanceof BanyanError) return { type: error.code, isFault: error.definition.http >= 500 };
  const { code, name } = Object(error) as { readonly code?: unknown; readonly name?: unknown };
  return { type: [code, name].find((it) => typeof it === 'string') ?? typeof error, isFault: true };
}
