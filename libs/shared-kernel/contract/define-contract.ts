import type { EventDefinition } from './event.js';
import type { CommandDefinition, InputOf, Operation, OutputOf, QueryDefinition } from './operation.js';

/** All that others may know of a context. */
export interface Contract<
  Commands extends Record<string, CommandDefinition> = Record<string, CommandDefinition>,
  Queries extends Record<string, QueryDefinition> = Record<string, QueryDefinition>,
  Events extends Record<string, EventDefinition> = Record<string, EventDefinition>,
> {
  readonly name: string;
  readonly commands: Commands;
  readonly queries: Queries;
  readonly events: Events;
}

/** How a command is sent: the key makes it safe to send again. */
export interface CommandOptions {
  readonly idempotencyKey: string;
}

type CommandCall<O extends Operation> = (input: InputOf<O>, options: CommandOptions) => Promise<OutputOf<O>>;
type QueryCall<O extends Operation> = (input: InputOf<O>) => Promise<OutputOf<O>>;

/** The typed client of a contract: one method per command and query, wherever the context runs. */
export type ClientOf<C extends Contract> =
  { readonly [K in keyof C['commands']]: CommandCall<C['commands'][K]> } &
  { readonly [K in keyof C['queries']]: QueryCall<C['queries'][K]> };

/**
 * Declares a contract.
 * @throws Error when an operation or event does not carry the contract's name in front
 */
export function defineContract<
  Commands extends Record<string, CommandDefinition>,
  Queries extends Record<string, QueryDefinition>,
  Events extends Record<string, EventDefinition>,
>(contract: Contract<Commands, Queries, Events>): Contract<Commands, Queries, Events> {
  const names = [
    ...Object.values(contract.commands).map((it) => it.name),
    ...Object.values(contract.queries).map((it) => it.name),
    ...Object.values(contract.events).map((it) => it.type),
  ];
  const strangers = names.filter((name) => !name.startsWith(`${contract.name}.`));
  if (strangers.length > 0) {
    throw new Error(`The contract "${contract.name}" declares ${strangers.join(', ')}: names in it start with "${contract.name}.".`);
  }
  return contract;
}
