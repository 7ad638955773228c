import ts from 'typescript';
import type { Arrow, SourceFile } from '../../house/index.js';

/** A place where somebody makes an announcement: calls an event of a contract. */
export interface EventCall {
  readonly owner: string;
  /** The event's key in the contract. */
  readonly key: string;
  readonly line: number;
}

/** Event keys by context. */
export type Topics = ReadonlyMap<string, ReadonlySet<string>>;

/** From the context on, the way to a value: `['ordering', 'orderingContract', 'events', 'orderPlaced']`. */
type Path = readonly string[];
type Known = Map<string, Path>;

/** Finds the calls of events in a file, by whatever names it knows them. */
export function eventCalls(file: SourceFile, arrows: readonly Arrow[], topics: Topics): EventCall[] {
  const known = importedPaths(file, arrows, topics);
  const found: EventCall[] = [];
  for (const node of file.nodes()) {
    if (ts.isVariableDeclaration(node) && node.initializer) bind(node.name, pathOf(node.initializer, known), known);
    if (!ts.isCallExpression(node)) continue;
    const event = eventAt(pathOf(node.expression, known), topics);
    if (event) found.push({ ...event, line: file.lineOf(node) });
  }
  return found;
}

/** What the imports of a file bring: contracts, and events that another file of the context hands on under their own name. */
function importedPaths(file: SourceFile, arrows: readonly Arrow[], topics: Topics): Known {
  const known: Known = new Map();
  for (const statement of file.ast.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const target = arrows.find(({ from, line }) => from === file && line === file.lineOf(statement))?.target;
    const room = target?.is === 'file' ? target.room : undefined;
    if (!room) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings && ts.isNamespaceImport(bindings) && room.kind === 'contract') known.set(bindings.name.text, [room.name]);
    for (const { name, propertyName } of bindings && ts.isNamedImports(bindings) ? bindings.elements : []) {
      const exported = (propertyName ?? name).text;
      const owner = room.kind === 'contract' ? room.name : handedOn(exported, topics);
      if (owner) known.set(name.text, [owner, exported]);
    }
  }
  return known;
}

function handedOn(name: string, topics: Topics): string | undefined {
  return [...topics].find(([, keys]) => keys.has(name))?.[0];
}

function pathOf(node: ts.Expression, known: Known): Path | undefined {
  if (ts.isIdentifier(node)) return known.get(node.text);
  if (ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)) return pathOf(node.expression, known);
  const member = ts.isPropertyAccessExpression(node) ? node.name.text : ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : undefined;
  if (member === undefined || !(ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node))) return undefined;
  const owner = pathOf(node.expression, known);
  return owner && [...owner, member];
}

/** Gives the names of a declaration their paths: `const { orderPlaced: placed } = orderingContract.events`. */
function bind(name: ts.BindingName, path: Path | undefined, known: Known): void {
  if (!path) return;
  if (ts.isIdentifier(name)) known.set(name.text, path);
  if (!ts.isObjectBindingPattern(name)) return;
  for (const { propertyName, name: inner } of name.elements) {
    const member = propertyName ?? inner;
    if (ts.isIdentifier(member)) bind(inner, [...path, member.text], known);
  }
}

/** `<contract>.events.<key>`, or an event that is exported by itself. */
function eventAt(path: Path | undefined, topics: Topics): Omit<EventCall, 'line'> | undefined {
  const [owner, first, second, third] = path ?? [];
  const key = path?.length === 4 && second === 'events' ? third : path?.length === 2 ? first : undefined;
  return owner !== undefined && key !== undefined && topics.get(owner)?.has(key) ? { owner, key } : undefined;
}
