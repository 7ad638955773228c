import type { ContextDeclaration } from '@banyan/kernel/context';
import { NOTE, codes, pageOf, table } from './markdown.js';

/** All contexts on one page: a diagram, and a row for each. */
export function contextMap(declarations: readonly ContextDeclaration[]): string {
  return pageOf(
    NOTE, '# Contexts',
    'A solid arrow calls the contract of the other context; a dashed one carries its events to whoever listens.',
    diagram(declarations),
    table(['Context', 'Owner', 'Schema', 'Role', 'Commands', 'Queries', 'Events', 'Listens to'], declarations.map(row), 'There are none.'),
  );
}

function diagram(declarations: readonly ContextDeclaration[]): string {
  return [
    '```mermaid', 'flowchart LR',
    ...declarations.map(({ name, owner }) => `  ${name}["<b>${name}</b><br/>${owner}"]`),
    ...declarations.flatMap(({ name, calls }) => calls.map((it) => `  ${name} --> ${it.name}`)),
    ...declarations.flatMap(heard),
    '```',
  ].join('\n');
}

/** One dashed arrow per speaker, with all that it says. */
function heard({ name, listensTo }: ContextDeclaration): string[] {
  const bySpeaker = Map.groupBy(listensTo, ({ type }) => speakerOf(type));
  return [...bySpeaker].map(([speaker, events]) => `  ${speaker} -. "${events.map(({ type }) => shortName(type)).join('<br/>')}" .-> ${name}`);
}

function row({ name, owner, contract: { commands, queries, events }, listensTo }: ContextDeclaration): string[] {
  return [
    `[${name}](contexts/${name}.md)`, owner, `\`${name}\``, `\`banyan_${name}\``,
    codes(Object.values(commands).map((it) => shortName(it.name))), codes(Object.values(queries).map((it) => shortName(it.name))),
    codes(Object.values(events).map((it) => shortName(it.type))), codes(listensTo.map((it) => it.type)),
  ];
}

function speakerOf(type: string): string {
  return type.slice(0, type.indexOf('.'));
}

function shortName(name: string): string {
  return name.slice(name.indexOf('.') + 1);
}
