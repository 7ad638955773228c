import ts from 'typescript';
import type { SourceFile } from '../../house/index.js';
import type { HiddenInput, Spotted } from './hidden-inputs.js';

interface Global {
  readonly input: HiddenInput;
  /** The members that are harmless. With none given, every use is a hidden input. */
  readonly harmless?: (member: string) => boolean;
}

const globals: Readonly<Record<string, Global>> = {
  Date: { input: 'time', harmless: (it) => it === 'parse' || it === 'UTC' },
  performance: { input: 'time' },
  Temporal: { input: 'time', harmless: (it) => it !== 'Now' },
  Math: { input: 'chance', harmless: (it) => it !== 'random' },
  crypto: { input: 'chance' },
  setTimeout: { input: 'timer' },
  setInterval: { input: 'timer' },
  setImmediate: { input: 'timer' },
  AbortSignal: { input: 'timer', harmless: (it) => it !== 'timeout' },
  fetch: { input: 'outside' },
  WebSocket: { input: 'outside' },
  EventSource: { input: 'outside' },
  XMLHttpRequest: { input: 'outside' },
  Worker: { input: 'outside' },
  BroadcastChannel: { input: 'outside' },
  process: { input: 'machine' },
  navigator: { input: 'machine' },
  globalThis: { input: 'unreadable' },
  global: { input: 'unreadable' },
  eval: { input: 'unreadable' },
  Function: { input: 'unreadable' },
};

/** Methods of Date that answer by the machine's time zone. */
const ZONED = /^(?:[gs]et(?:FullYear|Month|Date|Day|Hours|Minutes)|getTimezoneOffset|toLocale(?:Date|Time)String)$/;

/** Uses of globals that are inputs in disguise. A declaration that takes such a global's name counts too: it would hide the next use. */
export function hiddenGlobals(file: SourceFile): Spotted[] {
  const found: Spotted[] = [];
  for (const node of file.nodes()) {
    if (!ts.isIdentifier(node)) continue;
    const spotted = zonedMethod(node) ?? globalUse(node);
    if (spotted) found.push({ ...spotted, line: file.lineOf(node) });
  }
  return found;
}

type Use = Omit<Spotted, 'line'>;

function zonedMethod({ text, parent }: ts.Identifier): Use | undefined {
  return ts.isPropertyAccessExpression(parent) && parent.name.text === text && ZONED.test(text) ? { input: 'machine', subject: `${text}()` } : undefined;
}

function globalUse(node: ts.Identifier): Use | undefined {
  const known = Object.hasOwn(globals, node.text) ? globals[node.text] : undefined;
  if (!known || isOnlyName(node) || isType(node)) return undefined;
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.expression === node) {
    return known.harmless?.(parent.name.text) ? undefined : { input: known.input, subject: called(parent) };
  }
  if (node.text === 'Date' && isPlainDate(node)) return undefined;
  return { input: known.input, subject: called(node) };
}

/** `Date.now()`, where it is called; `Date.now`, where it is handed on. */
function called(node: ts.Expression): string {
  const text = node.getText();
  const { parent } = node;
  if (ts.isNewExpression(parent) && parent.expression === node) return `new ${text}()`;
  return ts.isCallExpression(parent) && parent.expression === node ? `${text}()` : text;
}

/** `new Date(value)` and `instanceof Date` know nothing of the clock; `new Date(...values)` may. */
function isPlainDate(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isNewExpression(parent) && parent.expression === node) return parent.arguments?.[0] !== undefined && !ts.isSpreadElement(parent.arguments[0]);
  return ts.isBinaryExpression(parent) && parent.right === node && parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword;
}

/** A name of something else: a member, a key, an import (looked at elsewhere), a label. */
function isOnlyName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent) || ts.isLabeledStatement(parent) || ts.isMetaProperty(parent)) return true;
  const isMember = ts.isPropertyAssignment(parent) || ts.isClassElement(parent) || ts.isTypeElement(parent) || ts.isEnumMember(parent);
  return isMember && parent.name === node;
}

function isType(node: ts.Identifier): boolean {
  const { parent } = node;
  return ts.isTypeNode(parent) || ts.isQualifiedName(parent) || (ts.isExpressionWithTypeArguments(parent) && ts.isInterfaceDeclaration(parent.parent.parent));
}
