import type { ContextDeclaration } from '@banyan/kernel/context';
import { type Arrow, type House, declarationsOf } from '../../house/index.js';
import type { Violation } from '../violation.js';

/** Whom a context says it knows, and whom its files know: both ways the same, and never in a circle. */
export function declaredAndActual(house: House): Violation[] {
  const declarations = declarationsOf(house);
  return [...declarations.flatMap((it) => [...undeclared(house, it), ...unused(house, it)]), ...circles(house)];
}

/** Whose contracts a context may import. */
function acquaintances({ calls, listensTo }: ContextDeclaration): Set<string> {
  return new Set([...calls.map(({ name }) => name), ...listensTo.map(({ type }) => ownerOf(type))]);
}

function ownerOf(eventType: string): string {
  return eventType.slice(0, eventType.indexOf('.'));
}

/** Imports of other contexts' contracts. */
function contractArrows(house: House, context: string): (Arrow & { readonly other: string })[] {
  return house.arrows.flatMap((arrow) => {
    const { room, target } = arrow;
    const leaves = room?.kind === 'context' && room.name === context && target.is === 'file' && target.room?.kind === 'contract' && target.room.name !== context;
    return leaves && target.room ? [{ ...arrow, other: target.room.name }] : [];
  });
}

function undeclared(house: House, declaration: ContextDeclaration): Violation[] {
  const known = acquaintances(declaration);
  return contractArrows(house, declaration.name).filter(({ other }) => !known.has(other)).map(({ from, line, other }) => ({
    wall: 'imports', rule: 'contract-undeclared', file: from.path, line, subject: `${other}/contract`,
    problem: `${declaration.name} imports the contract of ${other}, but its declaration names ${other} neither in "calls" nor in "listensTo".`,
    instead: `Add ${other}'s contract to "calls" (or the event to "listensTo") in ${declarationFile(declaration)}, or do without it.`,
  }));
}

/** The import that the declaration itself needs does not count, and tests do not either. */
function unused(house: House, declaration: ContextDeclaration): Violation[] {
  const used = new Set(contractArrows(house, declaration.name).filter(({ from, room }) => !room?.isTest && !from.path.endsWith('.context.ts')).map(({ other }) => other));
  return [...acquaintances(declaration)].filter((it) => !used.has(it)).map((other) => ({
    wall: 'imports', rule: 'contract-unused', file: declarationFile(declaration), subject: `${other}/contract`,
    problem: `${declaration.name} declares that it knows ${other}, but no file of it imports the contract of ${other}.`,
    instead: `Take ${other} out of "calls" or "listensTo": whoever reads the declaration believes it.`,
  }));
}

function declarationFile({ name }: ContextDeclaration): string {
  return `libs/contexts/${name}/src/${name}.context.ts`;
}

/** A context that, by way of others, knows itself could never be lifted out alone. Each circle is told once. */
function circles(house: House): Violation[] {
  const names = house.contexts.map(({ name }) => name);
  const arrows = new Map(names.map((name) => [name, contractArrows(house, name).filter(({ room }) => !room?.isTest)]));
  const told = new Set<string>();
  return names.flatMap((start) => {
    const circle = wayBack(start, arrows);
    const members = [...circle].map(({ other }) => other).sort().join(' ');
    const [first] = circle;
    if (!first || told.has(members)) return [];
    told.add(members);
    const way = [start, ...circle.map(({ other }) => other)].join(' → ');
    return [{
      wall: 'imports' as const, rule: 'contexts-in-a-circle', file: first.from.path, line: first.line, subject: way, problem: `These contexts know each other in a circle: ${way}.`,
      instead: `Let one of them only listen: ${circle.map(({ from, line }) => `${from.path}:${line}`).join(', ')} are the imports that close the circle.`,
    }];
  });
}

type Way = (Arrow & { readonly other: string })[];

/** The shortest way from a context back to itself. */
function wayBack(start: string, arrows: ReadonlyMap<string, Way>): Way {
  const seen = new Set<string>();
  const ways: Way[] = [[]];
  for (let way = ways.shift(); way; way = ways.shift()) {
    const here = way.at(-1)?.other ?? start;
    for (const arrow of arrows.get(here) ?? []) {
      if (arrow.other === start) return [...way, arrow];
      if (seen.has(arrow.other)) continue;
      seen.add(arrow.other);
      ways.push([...way, arrow]);
    }
  }
  return [];
}
