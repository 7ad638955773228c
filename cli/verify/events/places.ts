import { type House, sourcesOf } from '../../house/index.js';

/** Where a context names an event or a contract: its text in the contract or in the declaration, else the declaration. */
export function placeOf(house: House, context: string, subject: string): { readonly file: string; readonly line?: number } {
  const declaration = `libs/contexts/${context}/src/${context}.context.ts`;
  const files = sourcesOf(house, context).filter(({ path }) => path.includes('/contract/') || path === declaration);
  const key = subject.replace(/^.*\./, '').replaceAll(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  for (const file of files) {
    const at = [`'${subject}'`, `.${key}`, ` ${key}`].map((text) => file.text.indexOf(text)).find((it) => it >= 0);
    if (at !== undefined) return { file: file.path, line: file.lineOf(at + 1) };
  }
  return { file: declaration };
}
