import { readable, times } from './table.mjs';
import { inAWord } from './targets.mjs';

const HEAD = `# Benchmarks

Written by \`npm run bench\`; do not edit it by hand.

Figures of one machine are no promise for another, so what counts are the ratios: ours and its peers do the same work in the same run, taking turns (A B A B …), and each run of ours is divided by the run of the peer beside it. The table shows the median of the runs that count and, in brackets, the median of those ratios; more than 1× means that ours is better, whatever the unit. All runs are in \`bench/results/\`.

Whoever loses or doubles something gets no figure: after each run the tables are counted.

## How to repeat it

\`\`\`
npm run bench                                  # everything: 5 runs after one that warms up
npm run bench -- bus                           # one bench
npm run bench -- bus --events 5000 --runs 3    # a smaller one
npm run bench -- bus --peers floor,pg-boss     # against these only
npm run bench -- bus --profile                 # only ours, with CPU profiles in bench/profiles/
\`\`\`

A clone, Node and npm are enough: the peers are installed beside the benches, PostgreSQL is the embedded one with everything that makes it durable, and \`bus-rabbitmq\` and \`rpc\` take the broker of \`AMQP_URL\` or the one on 127.0.0.1:5672. \`facade\` also measures nginx where it is installed, and says so where it is not. Each contender has a process of its own and an empty database for each part of a run, on the same server under the same settings. Do nothing else on the machine meanwhile.
`;

/** As many as the tool makes by itself. */
const ENOUGH_RUNS = 5;

/**
 * The page about all benches that have results.
 * @param {object[]} benches as declared @param {ReturnType<import('./results.mjs').resultsOf>[]} all
 */
export function pageAbout(benches, all) {
  const sections = all.map((results) => section(benches.find((it) => it.name === results.bench), results));
  return [HEAD, ...targets(benches, all), ...sections].join('\n');
}

/** What we had set ourselves, in one table, with the misses in bold. */
function targets(benches, all) {
  const benchOf = (results) => benches.find(({ name }) => name === results.bench);
  const rows = all.flatMap((results) => results.targets.map((it) => row(benchOf(results), it)));
  const small = all.flatMap((results) => smallness(benchOf(results), results));
  return rows.length === 0 ? [] : ['## Targets', '', '| Bench | What | Wanted | Measured | |', '|---|---|---|---|---|', ...rows, '', ...small.flatMap((it) => [it, ''])];
}

function row({ name, title }, verdict) {
  const word = inAWord(verdict);
  return `| [${name}](#${anchorOf(title)}) | ${verdict.target} | ${verdict.wanted} | ${verdict.measured} | ${word === 'missed' ? '**missed**' : word} |`;
}

/** A small run finds failures and large differences, but proves no target; nor does one on a machine that had more to do than it has cores. */
function smallness({ name, unit, count }, { machine }) {
  if (machine[unit] >= count && machine.runs >= ENOUGH_RUNS && machine.loadAtStart <= machine.cores) return [];
  return [`**${name} is provisional**: ${readable(machine[unit])} of ${readable(count)} ${unit}, ${machine.runs} of ${ENOUGH_RUNS} runs, at a load average of ${machine.loadAtStart} on ${machine.cores} cores. Its column above says which way it goes and settles nothing.`];
}

const anchorOf = (title) => title.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');

function section(bench, results) {
  const figures = Object.keys(bench.figures).filter((figure) => !bench.figures[figure].isDetail && results.results.some((it) => it.name.startsWith(`${figure}/`)));
  const contenders = bench.contenders.filter(({ name }) => results.results.some((it) => it.name.endsWith(`/${name}`)));
  return [
    `## ${bench.title}`, '', bench.work, '',
    ...table(bench, figures, contenders, results), '',
    ...figures.map((figure) => `- \`${figure}\` (${bench.figures[figure].unit}, ${bench.figures[figure].better} is better): ${bench.figures[figure].about}`), '',
    'Who takes part:', '',
    ...contenders.map((it) => `- \`${it.name}\`${versions(it, results.machine)}: ${it.about}`), '',
    ...ownRatios(bench, figures, results), ...notes(results),
    ...(bench.findings ? ['Where the time goes:', '', bench.findings.trim(), ''] : []),
    machineLine(bench, results), '',
  ].join('\n');
}

function* table({ figures: definitions }, figures, contenders, { results, ratios }) {
  yield `| | ${figures.map((it) => `${it}<br>${definitions[it].unit}`).join(' | ')} |`;
  yield `|---|${figures.map(() => '---:|').join('')}`;
  for (const { name, ours } of contenders) {
    const cells = figures.map((figure) => {
      const found = results.find((it) => it.name === `${figure}/${name}`);
      const ratio = ratios[`${figure}/${name}`];
      return found ? `${readable(found.median)}${ratio === undefined ? '' : ` (${times(ratio)})`}` : '';
    });
    yield `| ${ours ? `**${name}**` : name} | ${cells.join(' | ')} |`;
  }
}

function versions({ packages }, { peers }) {
  const known = packages.map((it) => `${it} ${peers[it] ?? ''}`.trim());
  return known.length === 0 ? '' : ` (${known.join(', ')})`;
}

function ownRatios(bench, figures, { ratios }) {
  const lines = figures.flatMap((figure) => {
    const ratio = ratios[`${figure}/undisturbed`];
    return ratio === undefined ? [] : [`Ours has ${times(ratio)} of \`${bench.figures[figure].undisturbed}\` in \`${figure}\`.`];
  });
  return lines.length === 0 ? [] : [lines.join(' '), ''];
}

function notes({ results }) {
  const byReason = Map.groupBy(results.filter((it) => it.note !== undefined), (it) => `${it.name.split('/')[1]}\n${it.note}`);
  const lines = [...byReason].map(([key, found]) => {
    const [contender, note] = key.split('\n');
    return `- \`${contender}\` in ${found.map((it) => `\`${it.name.split('/')[0]}\``).join(', ')}: ${note}`;
  });
  return lines.length === 0 ? [] : ['Without a figure, or with 0:', '', ...lines, ''];
}

function machineLine(bench, { machine, at }) {
  const { cpu, cores, memoryGiB, os, node, postgres, rabbitmq, nginx, commit, runs, loadAtStart } = machine;
  const servers = `PostgreSQL ${postgres}${rabbitmq ? `, RabbitMQ ${rabbitmq}` : ''}${nginx ? `, nginx ${nginx}` : ''}`;
  return `${at.slice(0, 10)}, commit ${commit}: ${readable(machine[bench.unit])} ${bench.unit} a run, ${runs} ${runs === 1 ? 'run' : 'runs'}; ${cores} cores (${cpu}), ${memoryGiB} GiB, ${os}, Node ${node}, ${servers}; load average at the start ${loadAtStart}.`;
}
