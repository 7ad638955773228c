import ts from 'typescript';
import type { Arrow, SourceFile } from '../house/index.js';

/** A place in the sources where a context uses its client of another one, and so waits for the answer. */
export interface CallSite {
  /** The context that is called; undefined when nobody can tell which. */
  readonly to: string | undefined;
  /** What it is called in the contract; undefined when nobody can tell. */
  readonly key: string | undefined;
  readonly file: string;
  readonly line: number;
  /** In a loop, or for every item of a list: nobody knows how often. */
  readonly isRepeated: boolean;
}

/** Finds what a file does with the clients that its classes get by `@Client(contract)`. */
export function callSites(file: SourceFile, arrows: readonly Arrow[]): CallSite[] {
  const contracts = importedContracts(file, arrows);
  const clients = [...file.nodes()].flatMap((node) => clientAt(node, contracts) ?? []);
  return clients.flatMap((client) => usesOf(client).map((use) => ({ ...use, to: client.context, file: file.path, line: file.lineOf(use.node) }))).map(({ node: _node, ...site }) => site);
}

/** The names by which a file knows contracts, and whose they are. */
function importedContracts(file: SourceFile, arrows: readonly Arrow[]): Map<string, string> {
  const known = new Map<string, string>();
  for (const statement of file.ast.statements) {
    if (!ts.isImportDeclaration(statement)) continue;
    const target = arrows.find(({ from, line }) => from === file && line === file.lineOf(statement))?.target;
    const bindings = statement.importClause?.namedBindings;
    if (target?.is !== 'file' || target.room?.kind !== 'contract' || !bindings || !ts.isNamedImports(bindings)) continue;
    for (const { name } of bindings.elements) known.set(name.text, target.room.name);
  }
  return known;
}

interface ClientParameter {
  readonly parameter: ts.ParameterDeclaration;
  readonly context: string | undefined;
}

function clientAt(node: ts.Node, contracts: ReadonlyMap<string, string>): ClientParameter | undefined {
  if (!ts.isParameter(node)) return undefined;
  for (const { expression } of ts.getDecorators(node) ?? []) {
    if (!ts.isCallExpression(expression) || expression.expression.getText() !== 'Client') continue;
    return { parameter: node, context: contracts.get(expression.arguments[0]?.getText() ?? '') };
  }
  return undefined;
}

type Use = Pick<CallSite, 'key' | 'isRepeated'> & { readonly node: ts.Node };

/** Every use of a client in its class: as a property where the constructor makes it one, and by its own name. */
function usesOf({ parameter }: ClientParameter): Use[] {
  const uses: Use[] = [];
  const visit = (node: ts.Node): void => {
    if (isUse(node, parameter)) uses.push({ node, key: operationAt(node), isRepeated: isRepeated(node) });
    ts.forEachChild(node, visit);
  };
  visit(parameter.parent.parent);
  return uses;
}

function isUse(node: ts.Node, parameter: ts.ParameterDeclaration): boolean {
  const { name, parent } = parameter;
  const called = name.getText();
  if (ts.isParameterPropertyDeclaration(parameter, parent) && ts.isPropertyAccessExpression(node)) return node.expression.kind === ts.SyntaxKind.ThisKeyword && node.name.text === called;
  if (!ts.isIdentifier(node) || node.text !== called || node === name) return false;
  const isMember = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
  return !isMember && ts.findAncestor(node, (it) => it === parent) !== undefined;
}

/** What is taken of the client: `this.catalog.priceProducts`. A client that is handed on could be asked for anything. */
function operationAt(client: ts.Node): string | undefined {
  const { parent } = client;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === client) return parent.name.text;
  if (ts.isElementAccessExpression(parent) && parent.expression === client && ts.isStringLiteralLike(parent.argumentExpression)) return parent.argumentExpression.text;
  return undefined;
}

const FOR_EACH_ITEM = /^(?:map|flatMap|forEach|filter|find|findLast|some|every|reduce)$/;

function isRepeated(node: ts.Node): boolean {
  for (let inner = node, outer = node.parent; outer && !ts.isClassElement(outer); inner = outer, outer = outer.parent) {
    if (isLoopBody(outer, inner) || isForEachItem(outer, inner)) return true;
  }
  return false;
}

/** What is looped over is made once: `for (const it of await this.catalog.all())`. */
function isLoopBody(outer: ts.Node, inner: ts.Node): boolean {
  if (!ts.isIterationStatement(outer, false)) return false;
  return inner === outer.statement || !(ts.isForOfStatement(outer) || ts.isForInStatement(outer) || (ts.isForStatement(outer) && inner === outer.initializer));
}

function isForEachItem(outer: ts.Node, inner: ts.Node): boolean {
  if (!ts.isCallExpression(outer) || !(ts.isArrowFunction(inner) || ts.isFunctionExpression(inner))) return false;
  const { expression } = outer;
  return ts.isPropertyAccessExpression(expression) && (FOR_EACH_ITEM.test(expression.name.text) || expression.getText() === 'Array.from');
}
