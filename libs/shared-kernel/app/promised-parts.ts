import type { ContextDeclaration } from '../context/index.js';
import { type ControllerClass, routesOf } from '../http/index.js';
import type { ContractPart } from '../parallel-run/index.js';

/** Requests that change nothing. */
const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** What a parallel run of a context has to have compared: its commands, its addresses that write, and the events that it hears. */
export function promisedParts({ name, contract, controllers, listensTo }: ContextDeclaration): ContractPart[] {
  const routes = controllers.flatMap((it) => routesOf(it as ControllerClass, name)).filter(({ method }) => !READS.includes(method));
  const names = [...Object.values(contract.commands).map((it) => it.name), ...routes.map(({ method, path }) => `${method} ${path}`), ...listensTo.map(({ type }) => type)];
  return names.map((endpoint) => ({ endpoint, outcomes: [] }));
}
