import ts from 'typescript';
import type { SourceFile } from '../../house/index.js';

/** A literal in a source file that is, or may become, SQL. */
export interface SqlText {
  /** As long as the literal in the file: what is no SQL (quotes, `${…}`, SQL comments) is blanked out, so positions agree. */
  readonly text: string;
  readonly start: number;
  /** Whether it has a word that SQL is made of. A fragment may have none. */
  readonly looksLikeSql: boolean;
}

const SQL = /\b(?:select|insert|update|delete|merge|values|returning|create|alter|drop|truncate|grant|revoke|lock|copy|call|from|join|where|with|set|reset|default|table|execute|references|column|listen|notify)\b/i;

/** Every string of a file, seen as SQL. Module names are left out. */
export function sqlTexts(file: SourceFile): SqlText[] {
  const found: SqlText[] = [];
  for (const node of file.nodes()) {
    const text = literalText(node);
    if (text === undefined || isModuleName(node)) continue;
    const sql = withoutComments(text);
    found.push({ text: sql, start: node.getStart(file.ast), looksLikeSql: SQL.test(sql) });
  }
  return found;
}

function literalText(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return blank(node.getText(), 0, 1, -1);
  if (!ts.isTemplateExpression(node)) return undefined;
  const start = node.getStart();
  const holes = node.templateSpans.map(({ expression }) => [expression.getFullStart() - start, expression.getEnd() - start] as const);
  return holes.reduce((text, [from, to]) => text.slice(0, from) + ' '.repeat(to - from) + text.slice(to), blank(node.getText(), 0, 1, -1));
}

/** Blanks the quotes at both ends. */
function blank(text: string, first: number, from: number, to: number): string {
  return `${' '.repeat(from - first)}${text.slice(from, to)} `;
}

function withoutComments(text: string): string {
  return text.replace(/--.*$|\/\*[\s\S]*?\*\//gm, (comment) => comment.replace(/\S/g, ' '));
}

function isModuleName({ parent }: ts.Node): boolean {
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent);
}
