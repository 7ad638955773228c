import type { ContextDeclaration } from '@banyan/kernel/context';
import { handledBy } from '@banyan/kernel/rpc';
import { type House, declarationsOf, sourcesOf } from '../../house/index.js';
import type { Violation } from '../violation.js';
import { placeOf } from './places.js';
import { looksPast } from './past-tense.js';
import { unlistedHandlers } from './unlisted-handlers.js';

/** What the declarations and contracts say, held against each other. */
export function declarationViolations(house: House): Violation[] {
  const declarations = declarationsOf(house);
  return [
    ...declarations.flatMap((it) => [...names(house, it), ...strangersHeard(house, it, declarations), ...strangersHandled(house, it), ...copiedContracts(house, it, declarations)]),
    ...topicsTwice(house, declarations),
    ...declarations.flatMap((it) => unlistedHandlers(it, sourcesOf(house, it.name))),
  ];
}

function names(house: House, { name, contract }: ContextDeclaration): Violation[] {
  return Object.entries(contract.events).flatMap(([key, { type }]) => {
    const noun = type.slice(name.length + 1);
    const expected = key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const isWell = type === `${name}.${noun}` && /^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/.test(noun) && looksPast(noun);
    return [
      ...(isWell ? [] : [violation(house, 'event-name', name, type, `The event "${type}" of ${name} does not say what has happened to what.`, `Name it ${name}.<noun>-<past tense>, such as ${name}.order-placed.`)]),
      ...(noun === expected ? [] : [violation(house, 'event-name', name, type, `The contract of ${name} calls the event "${type}" ${key}.`, 'Use one name: orderPlaced for order-placed.')]),
    ];
  });
}

/** An event that is heard has to be the very one that its owner's contract has now; a copy would miss its next version. */
function strangersHeard(house: House, { name, listensTo }: ContextDeclaration, all: readonly ContextDeclaration[]): Violation[] {
  return listensTo.flatMap((definition) => {
    const owner = all.find((it) => definition.type.startsWith(`${it.name}.`));
    if (owner && Object.values(owner.contract.events).includes(definition)) return [];
    const problem = owner
      ? `${name} listens to "${definition.type}", which the contract of ${owner.name} does not have, or not this one.`
      : `${name} listens to "${definition.type}", and there is no context that owns it.`;
    return [violation(house, 'listens-to-unknown', name, definition.type, problem, 'Take the event out of its owner\'s contract: <owner>Contract.events.<event>.')];
  });
}

function strangersHandled(house: House, { name, handlers, listensTo }: ContextDeclaration): Violation[] {
  const handled = handlers.flatMap((it) => {
    const { definition } = handledBy(it);
    return 'kind' in definition ? [] : [definition];
  });
  return [
    ...handled.filter((it) => !listensTo.includes(it)).map(({ type }) => violation(house, 'handles-undeclared', name, type,
      `${name} handles "${type}", which its declaration does not listen to.`, 'Add it to "listensTo", or delete the handler.')),
    ...listensTo.filter((it) => !handled.includes(it)).map(({ type }) => violation(house, 'listens-in-vain', name, type,
      `${name} listens to "${type}" and handles it nowhere.`, 'Write the handler, or take the event out of "listensTo".')),
  ];
}

function copiedContracts(house: House, { name, calls }: ContextDeclaration, all: readonly ContextDeclaration[]): Violation[] {
  return calls.filter((contract) => !all.some((it) => it.contract === contract)).map((contract) => violation(house, 'calls-unknown', name, contract.name,
    `${name} calls the contract "${contract.name}", which no context on disk offers.`, 'Import the contract of the context itself: @banyan/<context>/contract.'));
}

function topicsTwice(house: House, all: readonly ContextDeclaration[]): Violation[] {
  const topics = all.flatMap(({ name, contract }) => Object.entries(contract.events).map(([key, { type }]) => ({ name, key, type })));
  return topics.flatMap((it, at) => {
    const first = topics.findIndex(({ type }) => type === it.type);
    const other = topics[first];
    if (!other || first === at) return [];
    return [violation(house, 'topic-twice', it.name, it.type,
      `"${it.type}" is declared twice: as ${other.key} of ${other.name} and as ${it.key} of ${it.name}.`, 'Rename one: a topic has one owner and one form.')];
  });
}

function violation(house: House, rule: string, context: string, subject: string, problem: string, instead: string): Violation {
  return { wall: 'events', rule, ...placeOf(house, context, subject), subject, problem, instead };
}
