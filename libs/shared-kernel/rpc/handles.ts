import { Injectable } from '@nestjs/common';
import type { CommandDefinition, EventDefinition, EventEnvelope, InputOf, OutputOf, PayloadOf, QueryDefinition } from '../contract/index.js';

/** What a command handler is told beside its input. */
export interface CommandMeta {
  /** The same for every delivery of the same intent. */
  readonly idempotencyKey: string;
}

export interface HandlesOptions {
  /**
   * `handler` (the default): a command runs in one transaction together with its entry in the command log.
   * `own`: the handler opens its own transactions, because it calls the outside world in between, and makes itself
   * idempotent by `meta.idempotencyKey`.
   */
  readonly transaction?: 'handler' | 'own';
}

/** What a handler class says of itself. Operations have a `kind`, events a `type`. */
export interface Handled {
  readonly definition: CommandDefinition | QueryDefinition | EventDefinition;
  readonly transaction: 'handler' | 'own';
}

type HandlerClass<Run> = new (...dependencies: never[]) => { run: Run };

const handled = new WeakMap<object, Handled>();

/**
 * Marks a class as the handler of one command, query or event of a contract; its `run` must fit the definition.
 * The class is injectable by it.
 */
export function Handles<C extends CommandDefinition>(command: C, options?: HandlesOptions):
  (target: HandlerClass<(input: InputOf<C>, meta: CommandMeta) => Promise<OutputOf<C>>>) => void;
export function Handles<Q extends QueryDefinition>(query: Q):
  (target: HandlerClass<(input: InputOf<Q>) => Promise<OutputOf<Q>>>) => void;
export function Handles<E extends EventDefinition>(event: E):
  (target: HandlerClass<(payload: PayloadOf<E>, envelope: EventEnvelope) => Promise<void>>) => void;
export function Handles(definition: Handled['definition'], options: HandlesOptions = {}) {
  return (target: HandlerClass<never>): void => {
    handled.set(target, { definition, transaction: options.transaction ?? 'handler' });
    Injectable()(target);
  };
}

/** @throws Error when the class carries no `@Handles` */
export function handledBy(handlerClass: { readonly name: string }): Handled {
  const known = handled.get(handlerClass);
  if (!known) {
    throw new Error(`${handlerClass.name} is listed as a handler but does not say what it handles. Put @Handles(definition) on the class.`);
  }
  return known;
}
