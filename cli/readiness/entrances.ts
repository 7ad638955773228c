import type { ContextDeclaration } from '@banyan/kernel/context';
import { clientToken, handledBy } from '@banyan/kernel/rpc';
import { endpointsOf } from '../declarations/index.js';
import { type House, sourcesOf } from '../house/index.js';
import { type Provided, nestContents } from '../verify/index.js';
import { mayUse } from './methods.js';

/** What lets an input into a context, as far as the class tells. */
export interface Entrance {
  /** `POST /v1/orders`, `ordering.note-shipment`, the class of a saga's step. */
  readonly name: string;
  /** It works in a transaction of its context, which a call of another context would hold open. */
  readonly holdsTransaction: boolean;
}

/**
 * Where work may begin that comes to a context's client of another one: a route whose method uses, or a handler whose
 * class gets, by however many hands, a class that has the client. Whether every input goes that way nobody can tell.
 */
export async function entrancesTo(house: House, declaration: ContextDeclaration, other: string): Promise<Entrance[]> {
  const users = usersOf(clientToken(other), await nestContents(declaration));
  const classes = [...users].filter((it) => typeof it === 'function') as unknown as readonly AnyClass[];
  const names = new Set(classes.map((it) => it.name));
  const mayCome = (controller: AnyClass, method: string): boolean => mayUse(sourcesOf(house, declaration.name), controller.name, method, names);
  return classes.flatMap((it) => entrancesOf(declaration, it, mayCome));
}

type AnyClass = ContextDeclaration['controllers'][number];

function usersOf(token: unknown, contents: readonly Provided[]): Set<unknown> {
  const users = new Set<unknown>();
  const waiting = [token];
  for (let wanted = waiting.pop(); wanted !== undefined; wanted = waiting.pop()) {
    for (const it of contents) {
      if (users.has(it.token) || !it.needs.includes(wanted)) continue;
      users.add(it.token);
      waiting.push(it.token);
    }
  }
  return users;
}

function entrancesOf({ controllers, handlers, sagas }: ContextDeclaration, it: AnyClass, mayCome: (controller: AnyClass, method: string) => boolean): Entrance[] {
  if (controllers.includes(it)) {
    return endpointsOf([it]).filter(({ handler }) => mayCome(it, handler)).map(({ method, path, needsKey }) => ({ name: `${method} ${path}`, holdsTransaction: needsKey }));
  }
  if (handlers.includes(it)) {
    const { definition, transaction } = handledBy(it);
    return 'kind' in definition
      ? [{ name: definition.name, holdsTransaction: definition.kind === 'command' && transaction === 'handler' }]
      : [{ name: definition.type, holdsTransaction: true }];
  }
  const steps = sagas.flatMap((saga) => [...saga.steps.flatMap((step) => (step.is === 'local' ? [step.handler, step.compensation] : [])), saga.failed]);
  return steps.some((step) => step as unknown === it) ? [{ name: `the saga step ${it.name}`, holdsTransaction: true }] : [];
}
