import { parseArgs } from 'node:util';

/** What was typed makes no sense; the text says why. */
export class BadArguments extends Error {}

type Options = Readonly<Record<string, 'number' | 'flag'>>;

/** The words and the options of a command. @throws BadArguments */
export function readArguments<O extends Options>(argv: readonly string[], options: O): { readonly words: readonly string[]; readonly given: { readonly [K in keyof O]?: number } } {
  const { positionals, values } = parsed(argv, options);
  const given = Object.entries(values).map(([name, value]) => [name, value === true ? 1 : wholeNumber(name, String(value))]);
  return { words: positionals, given: Object.fromEntries(given) as { readonly [K in keyof O]?: number } };
}

function parsed(argv: readonly string[], options: Options): { positionals: string[]; values: Record<string, unknown> } {
  const shapes = Object.entries(options).map(([name, kind]) => [name, { type: kind === 'flag' ? 'boolean' as const : 'string' as const }]);
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: Object.fromEntries(shapes) });
  } catch (error) {
    throw new BadArguments(error instanceof Error ? error.message : String(error));
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text.replaceAll('_', ''));
  if (!Number.isSafeInteger(value) || value < 1) throw new BadArguments(`--${name} takes a whole number from 1 on, not "${text}".`);
  return value;
}
