import ts from 'typescript';
import type { SourceFile } from './source-file.js';

/** One place where a file reaches for another. */
export interface ImportStatement {
  /** As it is written; undefined where it is computed, so that nobody can tell what it reaches. */
  readonly specifier: string | undefined;
  readonly line: number;
  /** The names as the other side exports them; `*` stands for all of them. Empty where only the side effect counts. */
  readonly names: readonly string[];
  /** The whole statement disappears when it is compiled. */
  readonly isTypeOnly: boolean;
}

/** Everything that a file imports, in whatever way, types included. */
export function readImports(file: SourceFile): ImportStatement[] {
  const found: ImportStatement[] = [];
  for (const { fileName, pos } of file.ast.referencedFiles) found.push({ specifier: fileName, line: file.lineOf(pos), names: ['*'], isTypeOnly: true });
  for (const node of file.nodes()) {
    const statement = importAt(node);
    if (statement) found.push({ ...statement, line: file.lineOf(node) });
  }
  return found;
}

type Found = Omit<ImportStatement, 'line'>;

function importAt(node: ts.Node): Found | undefined {
  if (ts.isImportDeclaration(node)) {
    return { specifier: textOf(node.moduleSpecifier), names: importedNames(node.importClause), isTypeOnly: isTypeOnly(node.importClause) };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier) {
    const names = node.exportClause && ts.isNamedExports(node.exportClause) ? node.exportClause.elements.map((it) => (it.propertyName ?? it.name).text) : ['*'];
    return { specifier: textOf(node.moduleSpecifier), names, isTypeOnly: node.isTypeOnly };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { specifier: textOf(node.moduleReference.expression), names: ['*'], isTypeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) {
    const specifier = ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : undefined;
    return { specifier, names: node.qualifier ? [node.qualifier.getText()] : ['*'], isTypeOnly: true };
  }
  if (ts.isCallExpression(node) && loads(node)) return { specifier: textOf(node.arguments[0]), names: ['*'], isTypeOnly: false };
  if (ts.isNewExpression(node) && isFileAddress(node)) {
    const address = textOf(node.arguments?.[0]);
    return { specifier: address?.replace(/^(?=\w)/, './'), names: ['*'], isTypeOnly: false };
  }
  return undefined;
}

/** `import()`, `require()`, `require.resolve()`, `import.meta.resolve()`, and the test runner's mocks. */
function loads({ expression }: ts.CallExpression): boolean {
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  return /^(?:require|require\.resolve|import\.meta\.resolve|jest\.(?:mock|doMock|unstable_mockModule|requireActual|requireMock))$/.test(expression.getText());
}

/** `new URL('./worker.js', import.meta.url)` names a program; other files are data, and nobody's business here. */
function isFileAddress({ expression, arguments: given }: ts.NewExpression): boolean {
  return expression.getText() === 'URL' && given?.[1]?.getText() === 'import.meta.url' && /\.[cm]?[jt]sx?$/.test(textOf(given?.[0]) ?? '.js');
}

function importedNames(clause: ts.ImportClause | undefined): string[] {
  if (!clause) return [];
  const bindings = clause.namedBindings;
  const named = !bindings ? [] : ts.isNamespaceImport(bindings) ? ['*'] : bindings.elements.map((it) => (it.propertyName ?? it.name).text);
  return [...(clause.name ? ['default'] : []), ...named];
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const bindings = clause.namedBindings;
  return !clause.name && bindings !== undefined && ts.isNamedImports(bindings) && bindings.elements.length > 0 && bindings.elements.every((it) => it.isTypeOnly);
}

function textOf(node: ts.Node | undefined): string | undefined {
  return node && ts.isStringLiteralLike(node) ? node.text : undefined;
}
