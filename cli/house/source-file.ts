import ts from 'typescript';

/** One file of the house, read when it was found and parsed when somebody asks. */
export class SourceFile {
  private parsed: ts.SourceFile | undefined;

  /** @param path from the repository's root, with `/` on every system */
  constructor(readonly path: string, readonly text: string) {}

  /** The syntax tree, with parents; types are not resolved. */
  get ast(): ts.SourceFile {
    this.parsed ??= ts.createSourceFile(this.path, this.text, { languageVersion: ts.ScriptTarget.ES2024, jsDocParsingMode: ts.JSDocParsingMode.ParseNone }, true);
    return this.parsed;
  }

  /** The line of a node or position, counted from 1. */
  lineOf(where: ts.Node | number): number {
    const position = typeof where === 'number' ? where : where.getStart(this.ast);
    return this.ast.getLineAndCharacterOfPosition(position).line + 1;
  }

  /** Every node, parents before children. */
  *nodes(): Generator<ts.Node> {
    const waiting = children(this.ast).toReversed();
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      yield next;
      waiting.push(...children(next).toReversed());
    }
  }
}

function children(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  ts.forEachChild(node, (child) => { found.push(child); });
  return found;
}
