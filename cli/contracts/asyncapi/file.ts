import type { ContextDeclaration } from '@banyan/kernel/context';

/**
 * The text of `docs/generated/asyncapi.yaml`. What it takes is loaded when it is made, as for every verb.
 * @param root of the repository, where the releases lie
 */
export async function asyncApiFile(root: string, declarations: readonly ContextDeclaration[]): Promise<string> {
  const [{ stringify }, { readReleased }, { asyncApiDocument }] = await Promise.all([import('yaml'), import('../released.js'), import('./document.js')]);
  const released = await Promise.all(declarations.map(({ name }) => readReleased(root, name)));
  const document = asyncApiDocument(declarations, released.flatMap((it) => it ?? []));
  return `# Made by: npx banyan graph. Do not edit.\n${stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}
