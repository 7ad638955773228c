import { FAILED, type SagaDefinition } from './define-saga.js';
import type { AnyHandlerClass, Step, Undo } from './step.js';

/** Where an unfinished saga stands. */
export interface Position {
  readonly status: 'running' | 'compensating';
  readonly step: string;
}

/** Where it goes next; `step` is null when it has ended, `timeoutMs` where a step is never given up. */
export type Target =
  | (Position & { readonly timeoutMs: number | null })
  | { readonly status: 'done' | 'compensated'; readonly step: null; readonly timeoutMs: null };

export type Outcome = 'done' | 'refused' | 'timed-out' | 'undone';

/** What there is to do at a position. */
export type Task =
  | { readonly is: 'do'; readonly step: Step<unknown> }
  | { readonly is: 'undo'; readonly command: Undo<unknown> }
  | { readonly is: 'undo-local'; readonly handler: AnyHandlerClass };

/** The first step of a saga. */
export function beginning(definition: SagaDefinition): Target {
  return running(definition, 0);
}

/**
 * The step after the outcome of the one at the position: forward, or back over the compensations in reverse order.
 *
 * What may have happened is taken back too: a step that timed out, and a call that was refused after an attempt of which
 * nobody knows the outcome; that attempt may still be on its way, and may not be refused when it arrives.
 * @param attempts how many there were of this step
 */
export function after(definition: SagaDefinition, position: Position, outcome: Outcome, attempts: number): Target {
  if (position.step === FAILED) return compensated;
  const index = indexOf(definition, position.step);
  switch (outcome) {
    case 'done': return running(definition, index + 1);
    case 'timed-out': return compensating(definition, index);
    case 'refused': return compensating(definition, attempts > 1 && definition.steps[index]?.is === 'call' ? index : index - 1);
    case 'undone': return compensating(definition, index - 1);
  }
}

/** May the saga turn back from here? Not once the pivot has committed, not while it is turning back already, and not when it only goes forward. */
export function mayTurnBack(definition: SagaDefinition, { status, step }: Position): boolean {
  const pivot = definition.steps.findIndex((it) => it.isPivot);
  return status === 'running' && !definition.forwardOnly && (pivot === -1 || definition.steps.findIndex((it) => it.name === step) <= pivot);
}

/** @throws Error when the definition has no such step: then it is not the version that the saga was started with */
export function taskAt(definition: SagaDefinition, { status, step: name }: Position): Task {
  if (name === FAILED && definition.failed) return { is: 'undo-local', handler: definition.failed };
  const step = definition.steps[indexOf(definition, name)];
  if (step && status === 'running') return { is: 'do', step };
  if (!step?.compensation) throw new Error(`"${name}" of ${definition.name} v${definition.version} has no compensation any more. Declare a changed saga as a new version.`);
  return step.is === 'call' ? { is: 'undo', command: step.compensation } : { is: 'undo-local', handler: step.compensation };
}

const compensated = { status: 'compensated', step: null, timeoutMs: null } as const;

function running(definition: SagaDefinition, index: number): Target {
  const step = definition.steps[index];
  if (!step) return { status: 'done', step: null, timeoutMs: null };
  const position = { status: 'running', step: step.name } as const;
  return { ...position, timeoutMs: mayTurnBack(definition, position) ? step.timeoutMs : null };
}

function compensating(definition: SagaDefinition, from: number): Target {
  const step = definition.steps.slice(0, from + 1).findLast((it) => it.compensation);
  if (step) return { status: 'compensating', step: step.name, timeoutMs: null };
  return definition.failed ? { status: 'compensating', step: FAILED, timeoutMs: null } : compensated;
}

function indexOf(definition: SagaDefinition, name: string): number {
  const index = definition.steps.findIndex((step) => step.name === name);
  if (index === -1) throw new Error(`${definition.name} v${definition.version} has no step "${name}". Declare a changed saga as a new version.`);
  return index;
}
