import { ContenderFailed } from '../lib/contender.mjs';
import { cpuPerUnit } from '../lib/cpu-per-unit.mjs';
import { findingsIn } from '../lib/findings.mjs';
import { percentile } from '../lib/statistics.mjs';
import { CLIENTS, readAll } from './clients.mjs';

const contender = (name, about, packages, extra = {}) => ({ name, about, packages, modules: ['shadow/workload.mjs', `shadow/contenders/${name}.mjs`], ...extra });

const rate = (unit, about) => ({ unit, better: 'more', about });
const share = { unit: '%', better: 'more', about: 'of the calls were compared' };
const delay = (about, extra = {}) => ({ unit: 'ms', better: 'less', about, ...extra });
const cpu = (about) => ({ unit: 'µs', better: 'less', about });

/** Reads for each command that is written. */
const READS_PER_WRITE = 4;
/** Requests that each contender gets before it is measured. */
const FIRST = 200;

/** What it costs to have every call done a second time and compared. */
export const bench = {
  name: 'shadow',
  title: 'Comparing every call with a candidate',
  work: `Payments of ours, alone on a PostgreSQL, is asked over HTTP for payments (\`reads\`, ${CLIENTS} requests under way at any time) and told by commands to authorise and capture on account (\`writes\`, as many at a time). The candidate is the same code, so every comparison has to come out equal, and as many have to be counted as calls were made; one that nobody knows of or that differs, and there is no figure. What is compared is not alike: \`scientist\`, \`synchronous\` and \`experiment\` compare what one class answers (\`FindPayment\` in reads), \`experiment\` in writes what one class has booked (\`Ledger\`), and \`banyan\` does the whole input again, in a process and a database of its own: status, headers and body, every row, every event, every call. CPU time of a comparison is what the contender used in all, PostgreSQL and the process that plays the tape included, less what \`plain\` used in the same round; clients of reads do not count.`,
  unit: 'reads',
  count: 4_000,
  figures: {
    reads: rate('requests/s', 'as users see it'),
    'reads-p50': delay('until an answer is complete, as users see it', { isDetail: true }),
    'reads-p99': delay('the same, for the slowest of a hundred'),
    'read-comparisons': rate('comparisons/s', 'from the first request until the last comparison is noted'),
    'reads-compared': share,
    'cpu-read-comparison': cpu('CPU time per comparison, beyond what `plain` needs for the requests'),
    'cpu-read': cpu('CPU time per request, its comparison or its place on the tape included'),
    writes: rate('commands/s', `as callers see it; 1 for every ${READS_PER_WRITE} reads`),
    'writes-p50': delay('until a command is answered', { isDetail: true }),
    'writes-p99': delay('the same, for the slowest of a hundred'),
    'write-comparisons': rate('comparisons/s', 'from the first command until the last comparison is noted'),
    'writes-compared': share,
    'cpu-write-comparison': cpu('CPU time per comparison, beyond what `plain` needs for the commands'),
    'cpu-write': cpu('CPU time per command, its comparison or its place on the tape included'),
  },
  targets: [],
  findings: findingsIn(import.meta.dirname),
  contenders: [
    contender('plain', 'no comparison', []),
    contender('banyan', 'the tape, with every read on it, and a shadow that plays it in a process of its own; comparisons come when what belongs together is on the tape, which is 2.5 s after the call at the earliest', [], { ours: true }),
    contender('tape', 'what serves of `banyan` alone: the tape is written and nobody plays it', []),
    contender('experiment', 'our branch by abstraction in the same process: after the answer for a read, in the transaction and rolled back for a write. Its budget, with which it skips what would take more than a tenth of the time, is lifted, and so are its limits of time and number; it still skips what would have to wait for a connection', []),
    contender('synchronous', 'by hand: control, candidate, our `compare`, and then the answer', []),
    contender('scientist', 'both begin at once, in random order, and the control\'s answer goes out when it is there; compared with `_.isEqual`, its default', ['scientist']),
  ],
  parts: [
    { name: 'reads', figures: ['reads', 'reads-p50', 'reads-p99', 'read-comparisons', 'reads-compared', 'cpu-read-comparison', 'cpu-read'], warmsUp: true, run: (side, turn) => during(side, turn, reads) },
    { name: 'writes', figures: ['writes', 'writes-p50', 'writes-p99', 'write-comparisons', 'writes-compared', 'cpu-write-comparison', 'cpu-write'], sides: ['plain', 'banyan', 'tape', 'experiment'], warmsUp: true, run: (side, turn) => during(side, turn, writes) },
  ],
};

async function during(side, { server, count }, part) {
  const database = await server.createDatabase(side.name);
  try {
    const house = await side.ask('open', { url: database.url });
    return { figures: await part(side, server, count, house) };
  } finally {
    await side.ask('close').catch(() => undefined);
    await server.dropDatabase(database.name);
  }
}

async function reads(side, server, count, house) {
  const first = Math.min(FIRST, count);
  await readAll(house, first);
  await side.ask('settle', { one: 'read', calls: first });
  return compared(side, server, { one: 'read', many: 'reads', calls: count }, () => readAll(house, count));
}

async function writes(side, server, count) {
  const calls = Math.max(2, Math.round(count / READS_PER_WRITE / 2) * 2);
  const first = Math.min(FIRST, calls);
  await side.ask('write', { commands: first });
  await side.ask('settle', { one: 'write', calls: first });
  return compared(side, server, { one: 'write', many: 'writes', calls }, () => side.ask('write', { commands: calls }));
}

/** `plain`, who begins each round, per part. */
const plains = new Map();

/** @param {() => Promise<{ took: Float64Array, ms: number }>} work */
async function compared(side, server, { one, many, calls }, work) {
  const from = performance.now();
  const { value, cpu: used } = await cpuPerUnit(side, server, calls, () => side.profiled(many, async () => {
    const { took, ms } = await work();
    return { took, ms, outcome: await side.ask('settle', { one, calls }) };
  }));
  const ms = performance.now() - from;
  const { took, outcome } = value;
  const comparisons = allEqual(outcome, calls, many);
  if (side.name === 'plain') plains.set(many, used);
  const beyond = used - plains.get(many); // NaN where one of them is not known
  return {
    [many]: calls / (value.ms / 1_000), [`${many}-p50`]: percentile(took, 0.5), [`${many}-p99`]: percentile(took, 0.99),
    ...(used !== undefined && { [`cpu-${one}`]: used }),
    ...(comparisons > 0 && { [`${one}-comparisons`]: comparisons / (ms / 1_000) }),
    ...(comparisons > 0 && Number.isFinite(beyond) && { [`cpu-${one}-comparison`]: (beyond * calls) / comparisons }),
    ...(comparisons > 0 && { [`${many}-compared`]: (comparisons / calls) * 100 }),
  };
}

/**
 * @param {{ perCall: number, compared: number, equal: number, skipped: number, other: string }} outcome `skipped`: knowingly, and counted
 * @returns {number} how many were compared @throws ContenderFailed when a call was neither compared nor skipped, or one was not equal
 */
export function allEqual({ perCall, compared: seen, equal, skipped, other }, calls, many) {
  if (seen + skipped !== calls * perCall || equal !== seen || other !== '') throw new ContenderFailed(`Of ${calls * perCall} comparisons in ${many}, ${seen} were made, ${skipped} skipped, and ${equal} came out equal${other && `; ${other}`}.`);
  return seen;
}
