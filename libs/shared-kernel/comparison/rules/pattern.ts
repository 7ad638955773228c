const OUTPUTS: readonly string[] = ['response', 'events', 'rows', 'calls'];
/** Weighs more than all that a segment of the next lower kind can add up to. */
const [LITERAL, PARTLY] = [10_000, 100];

/** A pattern of fields, read: `*` is one part or a piece of one (`*_at`), `**` is any number of parts. */
export interface FieldPattern {
  readonly segments: readonly ((name: string) => boolean | 'any')[];
  /** The larger, the more it says. */
  readonly exactness: number;
}

/** Where a walk along the parts of a field stands in one pattern. */
export interface Progress {
  readonly pattern: number;
  readonly at: number;
}

export function readPattern(text: string): FieldPattern {
  const segments = text.split('/');
  const exactness = segments.reduce((sum, it) => sum + (it === '**' ? 0 : it === '*' ? 1 : it.includes('*') ? PARTLY : LITERAL), 0);
  return { segments: segments.map(readSegment), exactness };
}

function readSegment(text: string): (name: string) => boolean | 'any' {
  if (text === '**') return () => 'any';
  if (text === '*') return () => true;
  if (!text.includes('*')) return (name) => name === text;
  const pieces = text.split('*').map((it) => it.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const expression = new RegExp(`^${pieces.join('.*')}$`, 's');
  return (name) => expression.test(name);
}

/** What is wrong with the text of a pattern; undefined when nothing is. */
export function problemOfPattern(text: string): string | undefined {
  const segments = text.split('/');
  const [output = ''] = segments;
  if (segments.includes('')) return 'has an empty part; it neither begins nor ends with "/"';
  if (segments.some((it) => it.includes('**') && it !== '**')) return '"**" stands for whole parts and cannot be a piece of one';
  if (!output.includes('*') && !OUTPUTS.includes(output)) return `begins with "${output}"; fields begin with ${OUTPUTS.join(', ')}`;
  return undefined;
}

/** All that can be said before the next part is known: a `**` may stand for nothing. */
export function settle(patterns: readonly FieldPattern[], standing: readonly Progress[]): Progress[] {
  const settled = new Map<string, Progress>();
  for (const { pattern, at } of standing) {
    for (let next = at; ; next += 1) {
      settled.set(`${pattern}/${next}`, { pattern, at: next });
      if (patterns[pattern]?.segments[next]?.('') !== 'any') break;
    }
  }
  return [...settled.values()];
}

/** Goes one part further. */
export function advance(patterns: readonly FieldPattern[], standing: readonly Progress[], name: string): Progress[] {
  const next = standing.flatMap(({ pattern, at }): Progress[] => {
    const matched = patterns[pattern]?.segments[at]?.(name);
    if (matched === 'any') return [{ pattern, at }];
    return matched ? [{ pattern, at: at + 1 }] : [];
  });
  return settle(patterns, next);
}

/** Does the pattern match the whole field? */
export function matchesField(pattern: string, field: string): boolean {
  const patterns = [readPattern(pattern)];
  let standing = settle(patterns, [{ pattern: 0, at: 0 }]);
  for (const part of field.split('/')) standing = advance(patterns, standing, part);
  return standing.some(({ at }) => at === patterns[0]?.segments.length);
}
