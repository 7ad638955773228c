export const NOTE = '<!-- Made by: npx banyan graph. Do not edit. -->';

/** A table; without rows, the sentence that says so. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return none;
  const line = (cells: readonly string[]): string => `| ${cells.map((it) => it.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

export function code(text: string): string {
  return `\`${text}\``;
}

export function codes(texts: readonly string[], none = '–'): string {
  return texts.length > 0 ? texts.map(code).join(', ') : none;
}

/** Parts of a page, with an empty line between them. */
export function pageOf(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`;
}
