import ts from 'typescript';
import { type House, type SourceFile, declarationsOf, roomOf, sourcesOf } from '../../house/index.js';
import { sqlTexts } from '../sql/sql-text.js';
import type { Violation } from '../violation.js';

const makers: ReadonlySet<string> = new Set(['event', 'command', 'query', 'defineContract']);

/** Events, commands and queries that are made outside of a contract, where nobody else would see them. */
export function declaredElsewhere({ arrows }: House): Violation[] {
  return arrows.flatMap(({ from, room, target, names, line }): Violation[] => {
    const isProduct = room && !room.isTest && room.kind !== 'contract' && room.kind !== 'kernel';
    const isFromContract = target.is === 'file' && target.room?.id === 'kernel/contract';
    const made = isProduct && isFromContract ? names.find((it) => makers.has(it)) : undefined;
    if (!room || !made) return [];
    return [{
      wall: 'events', rule: 'declared-outside-contract', file: from.path, line, subject: made,
      problem: `${room.id} imports ${made}, with which contracts are made, outside of a contract.`,
      instead: 'Declare it in the contract of its context: what others can receive, they must be able to read about.',
    }];
  });
}

/** Topics and operations that are named by a string: nobody would notice that the name has changed, or never existed. */
export function namedByString(house: House): Violation[] {
  const declarations = declarationsOf(house);
  const declared = new Set(declarations.flatMap(({ contract }) => [
    ...Object.values(contract.events).map((it) => it.type),
    ...[...Object.values(contract.commands), ...Object.values(contract.queries)].map((it) => it.name),
  ]));
  const topic = new RegExp(`^(?:${house.contexts.map(({ name }) => name).join('|')})\\.[a-z0-9]+(?:-[a-z0-9]+)+$`);
  return house.files.filter(isProductOutsideContracts).flatMap((file) =>
    [...file.nodes()].filter(ts.isStringLiteralLike).filter(({ text }) => declared.has(text) || topic.test(text)).map((node): Violation => ({
      wall: 'events', rule: declared.has(node.text) ? 'named-by-string' : 'topic-undeclared', file: file.path, line: file.lineOf(node), subject: node.text,
      problem: declared.has(node.text) ? `${roomOf(file.path)?.id} names "${node.text}" by a string.` : `${roomOf(file.path)?.id} names "${node.text}", which no contract declares.`,
      instead: 'Import the definition from the contract and use it, or its type or name.',
    })));
}

function isProductOutsideContracts({ path }: SourceFile): boolean {
  const room = roomOf(path);
  return room !== undefined && !room.isTest && room.kind !== 'contract';
}

const KERNEL_TABLE = /\b(?:from|into|update|join|table|only|copy|lock)\s+(?:\w+\.)?(outbox(?:_\w+)?|inbox(?:_\w+)?|relay_\w+|saga|command_log|idempotency_key|migration)\b/gi;

/** The kernel's tables lie in every context's schema, but what is in them is the kernel's: a row in the outbox is an event. */
export function throughTables(house: House): Violation[] {
  return house.contexts.flatMap(({ name }) => sourcesOf(house, name).flatMap((file) => sqlTexts(file).flatMap(({ text, start }) =>
    [...text.matchAll(KERNEL_TABLE)].map((match): Violation => ({
      wall: 'events', rule: 'kernel-table', file: file.path, line: file.lineOf(start + match.index), subject: match[1] ?? '',
      problem: `${name} reaches into the kernel's table "${match[1]}".`,
      instead: 'Use Events, Sagas, @Handles or @Idempotent: they know when a row may be read, written or deleted.',
    })))));
}
