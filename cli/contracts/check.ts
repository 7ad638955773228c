import type { ContextDeclaration } from '@banyan/kernel/context';
import { type House, declarationsOf } from '../house/index.js';
import { compareContract } from './compare-contract.js';
import type { BrokenPromise, Note, Others } from './finding.js';
import { nextRelease } from './release.js';
import { readReleased, textOf } from './released.js';
import type { Snapshot } from './snapshot.js';

/** One contract beside its last release. */
export interface ContractReport {
  readonly context: string;
  readonly declaration: ContextDeclaration;
  /** Undefined: it was never released, so nothing was promised. */
  readonly released: Snapshot | undefined;
  readonly broken: readonly BrokenPromise[];
  readonly notes: readonly Note[];
  /** It says something that the last release does not. */
  readonly hasUnreleased: boolean;
}

/** Where contracts and their releases are found. */
export type ContractsOnDisk = Pick<House, 'root' | 'contexts'>;

/**
 * Compares every contract of the house with its last release.
 * @throws Error when a declaration or a release cannot be read: then nobody knows what is kept
 */
export async function checkContracts(house: ContractsOnDisk): Promise<ContractReport[]> {
  const unreadable = house.contexts.filter(({ trouble }) => trouble !== undefined);
  if (unreadable.length > 0) throw new Error(unreadable.map(({ folder, trouble }) => `The contract in ${folder} cannot be read: ${trouble}`).join('\n'));
  const declarations = declarationsOf(house);
  return Promise.all(declarations.map(async (declaration) => reportOn(declaration, await readReleased(house.root, declaration.name), othersOf(declaration, declarations))));
}

function reportOn(declaration: ContextDeclaration, released: Snapshot | undefined, others: Others): ContractReport {
  const { name: context, contract } = declaration;
  const { broken, notes } = released ? compareContract(released, contract, others) : { broken: [], notes: [] };
  const hasUnreleased = !released || textOf(nextRelease(released, contract, broken, { retired: [] })) !== textOf(released);
  return { context, declaration, released, broken, notes, hasUnreleased };
}

function othersOf({ contract }: ContextDeclaration, all: readonly ContextDeclaration[]): Others {
  const callers = all.filter(({ calls }) => calls.some((it) => it.name === contract.name)).map(({ name }) => name);
  const listeners = Object.values(contract.events).map(({ type }) => [type, all.filter(({ listensTo }) => listensTo.some((it) => it.type === type)).map(({ name }) => name)] as const);
  return { callers, listeners: new Map(listeners) };
}
