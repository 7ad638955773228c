/** One value of a metric. */
export interface Sample {
  /** As it stands in the text: that of a histogram's bucket ends with `_bucket`. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric with all of its series. */
export interface MetricFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const HEAD = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
/** Case does not matter in what is no number. */
const SAMPLE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (-?[0-9.eE+-]+|[+-]Inf|NaN)$/i;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;
const SUFFIXES: Readonly<Record<string, readonly string[]>> = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

/** The figures of a scrape. */
export class ReadMetrics {
  constructor(readonly families: ReadonlyMap<string, MetricFamily>) {}

  /** The series of this name that have these labels, added up; undefined when there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const family = this.families.get(name) ?? this.families.get(name.replace(/_(?:bucket|sum|count)$/, ''));
    const found = (family?.samples ?? []).filter((it) => it.name === name && Object.entries(labels).every(([key, value]) => it.labels[key] === value));
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }
}

/**
 * Reads Prometheus's text format, version 0.0.4, and takes nothing that is not quite right.
 * @throws Error with the first line that is wrong, and why
 */
export function readMetrics(text: string): ReadMetrics {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  const families = new Map<string, { name: string; type: string; help: string; samples: Sample[] }>();
  let current: { name: string; type: string; help: string; samples: Sample[] } | undefined;
  for (const line of text.split('\n').filter((it) => it !== '')) {
    const [, kind, name = '', rest = ''] = HEAD.exec(line) ?? [];
    if (kind === 'HELP') {
      if (families.has(name)) throw new Error(`${name} is there twice: ${line}`);
      families.set(name, current = { name, type: '', help: rest, samples: [] });
    } else if (kind === 'TYPE') {
      if (current?.name !== name || current.type !== '') throw new Error(`A type that belongs to nothing: ${line}`);
      current.type = rest;
    } else {
      add(current, line);
    }
  }
  return new ReadMetrics(families);
}

function add(family: { name: string; type: string; samples: Sample[] } | undefined, line: string): void {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  if (!family || !(SUFFIXES[family.type] ?? ['']).some((it) => name === family.name + it)) throw new Error(`Not a sample of ${family?.name ?? 'anything'}: ${line}`);
  const sample = { name, labels: labelsIn(labels, line), value: Number(value.replace('Inf', 'Infinity')) };
  if (family.samples.some((it) => it.name === name && JSON.stringify(it.labels) === JSON.stringify(sample.labels))) throw new Error(`A series is there twice: ${line}`);
  family.samples.push(sample);
}

function labelsIn(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let read = 0;
  for (let label = LABEL.exec(text); label; label = LABEL.exec(text)) {
    const [, name = '', value = ''] = label;
    labels[name] = value.replaceAll(/\\(.)/g, (_whole, it: string) => (it === 'n' ? '\n' : it));
    read = LABEL.lastIndex;
  }
  if (read !== text.length) throw new Error(`Labels that nobody can read: ${line}`);
  return labels;
}
