import { hash, randomUUID } from 'node:crypto';
import { replayedInput } from './replay.js';
import { Slot } from './slot.js';
import { type TracePlace, newTrace, traceWithin } from './trace.js';
import { wallClock } from './wall-clock.js';

/** Who asks: a person with roles, or a service. */
export interface Principal {
  readonly id: string;
  readonly roles: readonly string[];
}

/** What starts an input; everything that is left out is made up. */
export interface InputSeed {
  /** Two inputs with the same id see the same ids and random numbers. */
  readonly inputId?: string;
  /** The instant that `Clock` shows for the whole input. */
  readonly at?: Date;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly traceparent?: string;
  readonly principal?: Principal;
  readonly tenant?: string;
  readonly deadline?: Date;
  /** Faults that whoever asks wants to happen on the way, as the header says them; obeyed in development only. */
  readonly faults?: string;
  /** The context that handles the input, as a log field. */
  readonly context?: string;
}

/** One request, call, event or timer on its way through a context, with all that is pinned for it. */
export interface Input extends TracePlace {
  readonly inputId: string;
  readonly at: Date;
  readonly correlationId: string;
  readonly causationId: string;
  readonly principal: Principal | undefined;
  readonly tenant: string | undefined;
  readonly deadline: Date | undefined;
  readonly faults: string | undefined;
  readonly context: string | undefined;
  /** How often each named stream of ids or random numbers was drawn from. */
  readonly ordinals: Map<string, number>;
}

const slot = new Slot<Input>('banyan.input');

/** The input under way, or undefined outside of any. */
export function currentInput(): Input | undefined {
  return slot.get();
}

/** @throws Error outside of an input: then there is no time, no id and no correlation to use */
export function requireInput(): Input {
  const input = slot.get();
  if (!input) {
    throw new Error('No input is under way here. Start one with runInput(seed, callback): it pins time, ids and correlation.');
  }
  return input;
}

/** Runs the callback as one input. Correlation, trace, principal, tenant, deadline and faults are inherited from an input around it. */
export function runInput<T>(seed: InputSeed, callback: () => T): T {
  const pinned = replayedInput();
  if (pinned) return slot.with({ ...pinned, ...newTrace(pinned.traceparent), deadline: undefined, faults: undefined, context: seed.context, ordinals: new Map() }, callback);
  const outer = slot.get();
  const inputId = seed.inputId ?? randomUUID();
  const trace = outer && seed.traceparent === undefined ? traceWithin(outer) : newTrace(seed.traceparent);
  const correlationId = seed.correlationId ?? outer?.correlationId ?? randomUUID();
  const input: Input = {
    inputId,
    at: seed.at ?? wallClock.now(),
    correlationId,
    causationId: seed.causationId ?? outer?.inputId ?? inputId,
    ...trace,
    principal: seed.principal ?? outer?.principal,
    tenant: seed.tenant ?? outer?.tenant,
    deadline: seed.deadline ?? outer?.deadline,
    faults: seed.faults ?? outer?.faults,
    context: seed.context ?? outer?.context,
    ordinals: new Map(),
  };
  return slot.with(input, callback);
}

/** Runs the callback as part of the same input, under a span of it. @throws Error outside of an input */
export function underSpan<T>(place: TracePlace, callback: () => T): T {
  return slot.with({ ...requireInput(), ...place }, callback);
}

/** Runs callbacks as an input that was under way, each on a copy of it with its own deadline. */
export type RunBeside = <T>(limitMs: number, callback: () => T) => T;

/**
 * For work beside an input that must leave no trace in it: ids and chance go on from where they are now, so a copy draws what
 * the input itself will draw next, and the input does not miss what a copy drew. @throws Error outside of an input
 */
export function besideInput(): RunBeside {
  const input = requireInput();
  const ordinals = new Map(input.ordinals);
  return (limitMs, callback) => slot.with({ ...input, deadline: new Date(wallClock.now().getTime() + limitMs), ordinals: new Map(ordinals) }, callback);
}

/** The input that an event is for one consumer: redelivered, it has the same id and so makes the same ids. */
export function inputFromEvent(eventId: string, consumer: string): string {
  return hash('sha256', `${eventId}\n${consumer}`, 'hex').slice(0, 32);
}
