import ts from 'typescript';
import type { SourceFile } from '../house/index.js';

/**
 * Does this method of a class use one of the given classes, by itself or through other methods of its class? Yes where
 * the sources do not tell.
 * @param wanted names of classes, as the constructor's parameters name them
 */
export function mayUse(files: readonly SourceFile[], className: string, method: string, wanted: ReadonlySet<string>): boolean {
  const found = files.flatMap((file) => [...file.nodes()]).find((it): it is ts.ClassDeclaration => ts.isClassDeclaration(it) && it.name?.text === className);
  if (!found) return true;
  const properties = new Set(parametersOf(found).filter(({ type }) => type && wanted.has(type.getText())).map(({ name }) => name.getText()));
  const seen = new Set<string>();
  const waiting = [method];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (properties.has(next)) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    waiting.push(...found.members.filter((it) => it.name?.getText() === next).flatMap(usedOfThis));
  }
  return false;
}

function parametersOf({ members }: ts.ClassDeclaration): readonly ts.ParameterDeclaration[] {
  return members.find(ts.isConstructorDeclaration)?.parameters ?? [];
}

/** `this.orders`, `this.respond()`; a destructured `this` gives its names. */
function usedOfThis(member: ts.Node): string[] {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAccessExpression(node) && node.expression.kind === ts.SyntaxKind.ThisKeyword) names.push(node.name.text);
    if (ts.isVariableDeclaration(node) && node.initializer?.kind === ts.SyntaxKind.ThisKeyword && ts.isObjectBindingPattern(node.name)) {
      names.push(...node.name.elements.map((it) => (it.propertyName ?? it.name).getText()));
    }
    ts.forEachChild(node, visit);
  };
  visit(member);
  return names;
}
