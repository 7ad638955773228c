import type { Provider, Type } from '@nestjs/common';
import type { ComparisonRules } from '../comparison/index.js';
import type { Contract, EventDefinition } from '../contract/index.js';
import type { Migration } from '../persistence/index.js';
import { handledBy } from '../rpc/index.js';
import type { ContextSettings } from '../runtime/index.js';
import type { SagaDefinition } from '../saga/index.js';

/** Any class that Nest can make; its dependencies are Nest's business. */
type AnyClass = Type<unknown>;

/** What a bounded context is: what it owns, whom it knows, what goes in and out. */
export interface ContextDeclaration {
  /** Names the schema, the role, the pool, the metric label. */
  readonly name: string;
  /** The team that answers for it. */
  readonly owner: string;
  readonly contract: Contract;
  /** Contracts whose commands and queries it may send. */
  readonly calls: readonly Contract[];
  /** Events of others that it handles. */
  readonly listensTo: readonly EventDefinition[];
  /** What it is told by whoever runs it; nothing when left out. */
  readonly settings?: ContextSettings;
  /** TypeORM entities, where a context wants them. */
  readonly entities: readonly AnyClass[];
  readonly migrations: readonly Migration[];
  /**
   * Its tables, all of them, when every row in them follows from events of others alone: then they can be emptied and
   * made anew from the event stream. Left out where a context decides, stores or tells anything itself.
   */
  readonly readModel?: readonly string[];
  /** One class per command and query of the contract, and per event it listens to. */
  readonly handlers: readonly AnyClass[];
  readonly sagas: readonly SagaDefinition[];
  readonly controllers: readonly AnyClass[];
  /**
   * The ports among its providers, by class, through which it asks the outside world: a card processor, a mail server. Their
   * methods are asynchronous, take and give JSON. A replay of the context's inputs gets the same answers, and asks nobody.
   */
  readonly asks?: ReadonlyArray<abstract new (...args: never[]) => object>;
  /**
   * Names of fields and columns that tell who a person is: `email` means every field and column of that name. Before an
   * input is written down to be done again elsewhere, their values become keyed hashes. Empty when there are none; a
   * context that does not say is not written down.
   */
  readonly personal?: readonly string[];
  /** How what it does compares with what another version of it does with the same inputs; strictly, when left out. */
  readonly comparison?: ComparisonRules;
  readonly providers: readonly Provider[];
}

/** The declaration contradicts itself; `problems` has a line for each contradiction. */
export class InvalidDeclaration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`A context's declaration does not hold together:\n${problems.map((it) => `  - ${it}`).join('\n')}`);
  }
}

/**
 * Declares a bounded context.
 * @throws InvalidDeclaration when contract, handlers and `listensTo` do not fit each other
 */
export function defineContext(declaration: ContextDeclaration): ContextDeclaration {
  const problems = [...nameProblems(declaration), ...operationProblems(declaration), ...listenerProblems(declaration), ...sagaProblems(declaration), ...readModelProblems(declaration)];
  if (problems.length > 0) throw new InvalidDeclaration(problems);
  return declaration;
}

function nameProblems({ name, contract }: ContextDeclaration): string[] {
  return [
    ...(/^[a-z][a-z0-9_]{0,40}$/.test(name) ? [] : [`"${name}" cannot name a schema and a role: use lower-case letters, digits and "_", beginning with a letter.`]),
    ...(contract.name === name ? [] : [`The context "${name}" offers the contract "${contract.name}": give both the same name.`]),
  ];
}

function operationProblems({ name, contract, handlers }: ContextDeclaration): string[] {
  const promised = [...Object.values(contract.commands), ...Object.values(contract.queries)].map((it) => it.name);
  const handled = handlers.map(handledBy).flatMap(({ definition }) => ('kind' in definition ? [definition.name] : []));
  return [
    ...promised.filter((it) => !handled.includes(it)).map((it) => `"${it}" is in the contract but no class in "handlers" handles it: write one, or take it out of the contract.`),
    ...handled.filter((it) => !promised.includes(it)).map((it) => `A handler of "${name}" handles "${it}", which is not in its contract: only the owner of an operation handles it.`),
    ...repeated(handled).map((it) => `"${it}" has two handlers: an operation has one.`),
  ];
}

function listenerProblems({ name, listensTo, handlers }: ContextDeclaration): string[] {
  const declared = listensTo.map((it) => it.type);
  const handled = handlers.map(handledBy).flatMap(({ definition }) => ('kind' in definition ? [] : [definition.type]));
  return [
    ...declared.filter((it) => !handled.includes(it)).map((it) => `"${name}" listens to "${it}" but has no handler for it: write one, or take it out of "listensTo".`),
    ...handled.filter((it) => !declared.includes(it)).map((it) => `A handler of "${name}" handles "${it}", which "listensTo" does not name: add it there.`),
    ...declared.filter((it) => it.startsWith(`${name}.`)).map((it) => `"${name}" listens to its own event "${it}": do that work in the use case, or start a saga.`),
  ];
}

function sagaProblems({ name, sagas, calls }: ContextDeclaration): string[] {
  const reachable = new Set([name, ...calls.map((it) => it.name)]);
  return sagas.flatMap((saga) => saga.commands
    .filter((command) => !reachable.has(command.name.split('.')[0] ?? ''))
    .map((command) => `The saga "${saga.name}" sends "${command.name}", but "calls" of "${name}" does not name that contract: add it there.`));
}

function readModelProblems({ name, readModel, contract, calls, sagas, migrations }: ContextDeclaration): string[] {
  if (!readModel) return [];
  const does = [
    ...(calls.length > 0 ? ['calls others'] : []),
    ...(sagas.length > 0 ? ['runs sagas'] : []),
    ...(Object.keys(contract.commands).length > 0 ? ['takes commands'] : []),
    ...(Object.keys(contract.events).length > 0 ? ['announces events'] : []),
  ];
  const own = tablesOf(migrations);
  return [
    ...does.map((it) => `"${name}" declares a read model but ${it}, which a rebuild would do again or could not bring back: take "readModel" out.`),
    ...own.filter((it) => !readModel.includes(it)).map((it) => `The table "${it}" of "${name}" is not in "readModel": a rebuild would leave old rows in it. Add it, or take "readModel" out.`),
    ...readModel.filter((it) => !own.includes(it)).map((it) => `"readModel" of "${name}" names "${it}", which none of its migrations creates.`),
  ];
}

/** The tables that these migrations leave behind. */
export function tablesOf(migrations: readonly Migration[]): string[] {
  const tables = new Set<string>();
  for (const { sql } of migrations) {
    for (const [, what, name = ''] of sql.matchAll(/\b(CREATE|DROP) TABLE (?:IF (?:NOT )?EXISTS )?"?(\w+)/gi)) {
      if (what?.toUpperCase() === 'CREATE') tables.add(name);
      else tables.delete(name);
    }
  }
  return [...tables];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((it, i) => names.indexOf(it) !== i))];
}
