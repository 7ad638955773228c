import ts from 'typescript';
import type { ContextDeclaration } from '@banyan/kernel/context';
import type { SourceFile } from '../../house/index.js';
import type { Violation } from '../violation.js';

/** Classes with `@Handles` that the declaration forgot: they look alive, and nothing ever reaches them. */
export function unlistedHandlers({ name, handlers }: ContextDeclaration, files: readonly SourceFile[]): Violation[] {
  const listed = new Set(handlers.map((it) => it.name));
  return files.flatMap((file) => [...file.nodes()].filter(ts.isClassDeclaration).flatMap((node): Violation[] => {
    const className = node.name?.text ?? 'A class without a name';
    const handles = ts.getDecorators(node)?.some(({ expression }) => ts.isCallExpression(expression) && expression.expression.getText() === 'Handles');
    if (!handles || listed.has(className)) return [];
    return [{
      wall: 'events', rule: 'handler-unlisted', file: file.path, line: file.lineOf(node), subject: className,
      problem: `${className} carries @Handles, but the declaration of ${name} does not list it, so nothing ever reaches it.`,
      instead: `Add ${className} to "handlers" in ${name}.context.ts, or delete it.`,
    }];
  }));
}
