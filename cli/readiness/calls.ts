import type { ContextDeclaration } from '@banyan/kernel/context';
import type { Contract } from '@banyan/kernel/contract';
import ts from 'typescript';
import { type House, declarationsOf, sourcesOf } from '../house/index.js';
import { callSites } from './call-sites.js';

/** Where somebody calls a context, or may. */
export interface ContextCall {
  /** The context that calls; `app` for what every app asks by itself. */
  readonly from: string;
  readonly to: string;
  /** `catalog.price-products`; undefined when nobody can tell what is called. */
  readonly operation: string | undefined;
  /** `waits`: an input goes on with the answer. `saga`: a step, which waits for nobody and is tried again. */
  readonly how: 'waits' | 'saga';
  readonly isRepeated: boolean;
  /** Where it stands: a file with its line, or the saga with its step. */
  readonly place: string;
}

/** Who calls where it is no context. */
export const APP = 'app';

/** Every call between two contexts that the sources and declarations show. */
export function callsOf(house: House): ContextCall[] {
  const contracts = new Map(declarationsOf(house).map(({ name, contract }) => [name, contract]));
  return [...declarationsOf(house).flatMap((it) => withUnseen(it, [...waitingCalls(house, it, contracts), ...sagaCalls(it)])), ...appCalls(house, contracts)];
}

/** Whom a context declares to call it does call, even if nobody can see where. */
function withUnseen({ name: from, calls }: ContextDeclaration, seen: readonly ContextCall[]): ContextCall[] {
  const unseen = calls.filter((contract) => !seen.some(({ to }) => to === contract.name));
  return [...seen, ...unseen.map(({ name: to }): ContextCall => ({ from, to, operation: undefined, how: 'waits', isRepeated: false, place: `libs/contexts/${from}/src/${from}.context.ts` }))];
}

type Contracts = ReadonlyMap<string, Contract>;

function waitingCalls(house: House, { name: from, calls }: ContextDeclaration, contracts: Contracts): ContextCall[] {
  return sourcesOf(house, from).flatMap((file) => callSites(file, house.arrows)).flatMap(({ to, key, file, line, isRepeated }) => {
    const suspects = to === undefined ? calls.map((it) => it.name) : [to];
    return suspects.map((it): ContextCall => ({ from, to: it, operation: operationOf(contracts.get(it), key), how: 'waits', isRepeated, place: `${file}:${line}` }));
  });
}

function operationOf(contract: Contract | undefined, key = ''): string | undefined {
  return contract?.queries[key]?.name ?? contract?.commands[key]?.name;
}

/** A saga of a context sends commands to its own context as well, which go wherever it goes. */
function sagaCalls({ name: from, sagas }: ContextDeclaration): ContextCall[] {
  return sagas.flatMap((saga) => saga.steps.flatMap((step) => {
    if (step.is === 'local') return [];
    const sent = [[step.command.name, step.name], ...(step.compensation ? [[step.compensation.command.name, `undo-${step.name}`]] : [])] as const;
    return sent.map(([operation = '', stepName]): ContextCall => ({
      from, to: operation.slice(0, operation.indexOf('.')), operation, how: 'saga', isRepeated: false, place: `the saga ${saga.name}, step ${stepName}`,
    }));
  })).filter(({ to }) => to !== from);
}

/** What apps ask a context by themselves: whose contract one of them wires, and what the kernel's app room does with such a client. */
function appCalls({ files, arrows }: House, contracts: Contracts): ContextCall[] {
  const wired = new Set(arrows.flatMap(({ room, target }) => (room?.kind === 'app' && !room.isTest && target.is === 'file' && target.room?.kind === 'contract' ? [target.room.name] : [])));
  const asked = files.filter(({ path }) => /^libs\/shared-kernel\/app\/(?!.*\.test\.)/.test(path)).flatMap((file) => [...file.nodes()].flatMap((node) => {
    const key = keyAskedAt(node);
    return key === undefined ? [] : [{ key, place: `${file.path}:${file.lineOf(node)}` }];
  }));
  return [...wired].flatMap((to) => {
    const known = asked.flatMap(({ key, place }) => ({ operation: operationOf(contracts.get(to), key), place })).filter(({ operation }) => operation !== undefined);
    const found = known.length > 0 ? known : [{ operation: undefined, place: 'an app' }];
    return found.map(({ operation, place }): ContextCall => ({ from: APP, to, operation, how: 'waits', isRepeated: false, place }));
  });
}

/** `issuer.signingKeys` where a parameter says `issuer: ClientOf<…>`. */
function keyAskedAt(node: ts.Node): string | undefined {
  if (!ts.isPropertyAccessExpression(node) || !ts.isIdentifier(node.expression)) return undefined;
  const { text } = node.expression;
  const isClient = ({ name, type }: ts.ParameterDeclaration): boolean => name.getText() === text && (type?.getText() ?? '').startsWith('ClientOf<');
  const owner = ts.findAncestor(node, (it) => ts.isFunctionLike(it) && it.parameters.some(isClient));
  return owner && node.name.text;
}
