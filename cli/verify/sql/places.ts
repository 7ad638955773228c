import { CONTEXTS, type House, sourcesOf } from '../../house/index.js';

/** Where the sources of a context name something that was found in the database; else the context's folder. */
export function placeInContext(house: House, context: string, subject: string): { readonly file: string; readonly line?: number } {
  if (!house.contexts.some(({ name }) => name === context)) return { file: CONTEXTS };
  const name = subject.replace(/^.*[."]|\(.*$/g, '') || subject;
  const word = new RegExp(`\\b${name.replaceAll(/\W/g, '\\$&')}\\b`);
  for (const file of sourcesOf(house, context).filter(({ path }) => path.includes('/migrations/'))) {
    const at = file.text.search(word);
    if (at >= 0) return { file: file.path, line: file.lineOf(at) };
  }
  return { file: `${CONTEXTS}/${context}` };
}
