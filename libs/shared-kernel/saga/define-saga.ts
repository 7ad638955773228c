import type { z } from 'zod';
import type { CommandDefinition } from '../contract/index.js';
import type { AnyHandlerClass, FailedSaga, HandlerClass, Step } from './step.js';

/** A saga as it is declared: the steps in order, and what to do when one of them says no. */
export interface SagaDefinition<S = unknown> {
  readonly name: string;
  readonly version: number;
  readonly state: z.ZodType<S>;
  readonly steps: readonly Step<S>[];
  readonly failed: AnyHandlerClass | undefined;
  readonly forwardOnly: boolean;
  /** Every command that it may send, compensations included. */
  readonly commands: readonly CommandDefinition[];
}

interface SagaPlan<S> {
  /** Nobody can say no to it: it is past its point of no return when it starts, and tries for as long as it takes. */
  readonly forwardOnly?: boolean;
  readonly steps: readonly Step<S>[];
  /** Runs in the last transaction of a saga that turned back, after all compensations. */
  readonly failed?: HandlerClass<NoInfer<S>, FailedSaga>;
}

/** The name under which the last transaction of a failed saga appears among its steps. */
export const FAILED = 'failed';

/**
 * Declares a saga of a context.
 * @param name unique in its context, kebab-case; part of the idempotency keys, so it never changes
 * @param version raise it when steps are added, removed or renamed; keep the older definition until its last saga has ended
 * @param state what the saga knows, as it is stored; the first thing it knows is given to `Sagas.start`
 * @throws Error naming every mistake in the declaration
 */
export function defineSaga<S>(name: string, version: number, state: z.ZodType<S>, plan: SagaPlan<S>): SagaDefinition<S> {
  const mistakes = [...mistakesIn(plan)];
  if (mistakes.length > 0) throw new Error(`The saga "${name}" cannot work: ${mistakes.join(' ')}`);
  return { name, version, state, steps: plan.steps, failed: plan.failed, forwardOnly: plan.forwardOnly ?? false, commands: commandsOf(plan.steps) };
}

function* mistakesIn<S>({ steps, failed, forwardOnly }: SagaPlan<S>): Generator<string> {
  const names = steps.map((step) => step.name);
  if (names.length === 0) yield 'It has no steps.';
  for (const name of new Set(names.filter((it, i) => names.indexOf(it) !== i))) yield `Two steps are called "${name}"; their idempotency keys would be the same.`;
  for (const name of names.filter((it) => !/^(?!undo-)[a-z][a-z0-9-]*$/.test(it))) yield `"${name}" is no name for a step: lower case, digits and dashes, not starting with "undo-".`;
  if (names.includes(FAILED)) yield `No step may be called "${FAILED}": that is the name of the last transaction after a refusal.`;

  const pivots = steps.filter((step) => step.isPivot);
  if (pivots.length > 1) yield `It has ${pivots.length} pivots; there is one point of no return.`;
  if (forwardOnly && pivots.length > 0) yield 'It only goes forward and has a pivot; the point of no return is its start, or the pivot.';
  if (forwardOnly && failed) yield 'It only goes forward, so its failed handler would never run.';
  const fromPivot = pivots[0] ? steps.slice(steps.indexOf(pivots[0])) : [];
  yield* promisesBroken(forwardOnly ? steps : fromPivot);
}

/** What steps that nobody can take back must not offer. */
function* promisesBroken<S>(steps: readonly Step<S>[]): Generator<string> {
  for (const step of steps) {
    if (step.compensation) yield `"${step.name}" has a compensation, but from the point of no return on nothing is taken back.`;
    if (step.is === 'call' && step.mayRefuse) yield `"${step.name}" has a refuseIf, but after the point of no return nobody can say no.`;
  }
}

function commandsOf(steps: readonly Step<unknown>[]): CommandDefinition[] {
  return steps.flatMap((step) => (step.is === 'local' ? [] : [step.command, ...(step.compensation ? [step.compensation.command] : [])]));
}
