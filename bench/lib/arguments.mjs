import { join } from 'node:path';
import { parseArgs } from 'node:util';

/** The command line makes no sense. */
export class BadArguments extends Error {}

const options = {
  runs: { type: 'string', default: '5' },
  events: { type: 'string' },
  peers: { type: 'string' },
  figures: { type: 'string' },
  results: { type: 'string' },
  profile: { type: 'boolean', default: false },
  docs: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

export const usage = (benches) => `npm run bench [-- NAME ... OPTIONS]

Measures ours and its peers side by side, prints a table, writes bench/results/NAME.json and docs/benchmarks.md.

${benches.map((it) => `  ${it.name.padEnd(14)} ${it.title} (${it.count.toLocaleString('en')} ${it.unit})`).join('\n')}

  --runs N         runs that count, after one that warms up (5)
  --events N       how much work a run is, in place of each bench's own number
  --peers A,B      only against these; ours always takes part; the results are shown, and nothing is written
  --figures A,B    only what these need; likewise
  --profile        only ours, one run, with a CPU profile of each part in bench/profiles/; likewise
  --results DIR    write results there instead, and leave docs/benchmarks.md as it is
  --docs           measure nothing, only write docs/benchmarks.md from bench/results/`;

/**
 * @param {string[]} argv @param {{ name: string }[]} benches
 * @throws BadArguments
 */
export function readArguments(argv, benches) {
  const { values, positionals } = parsed(argv);
  const unknown = positionals.filter((name) => !benches.some((it) => it.name === name));
  if (unknown.length > 0) throw new BadArguments(`There is no bench called ${unknown.join(', ')}; there are ${benches.map((it) => it.name).join(', ')}.`);
  const peers = listIn(values.peers);
  const figures = listIn(values.figures);
  const isPart = values.profile || peers !== undefined || figures !== undefined;
  const own = join(import.meta.dirname, '..', 'results');
  return {
    ...values,
    benches: positionals.length === 0 ? benches : benches.filter((it) => positionals.includes(it.name)),
    runs: values.profile ? 1 : wholeNumber('--runs', values.runs),
    events: values.events === undefined ? undefined : wholeNumber('--events', values.events),
    wantsPeer: (name) => !values.profile && (peers === undefined || peers.includes(name)),
    wantsFigure: (name) => figures === undefined || figures.includes(name),
    folder: values.results ?? own,
    // Part of a bench must not replace all of it.
    writes: values.results !== undefined || !isPart,
    writesDocs: values.results === undefined && !isPart,
  };
}

function parsed(argv) {
  try {
    return parseArgs({ args: argv, options, allowPositionals: true });
  } catch (error) {
    throw new BadArguments(error.message);
  }
}

const listIn = (text) => text?.split(',').map((it) => it.trim()).filter(Boolean);

function wholeNumber(name, text) {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new BadArguments(`${name} takes a whole number from 1 on, not "${text}".`);
  return value;
}
