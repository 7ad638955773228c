// Measures; run.mjs sees to it that everything is installed and built.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benches } from './benches.mjs';
import { BadArguments, readArguments, usage } from './lib/arguments.mjs';
import { Broker, NoBroker } from './lib/broker.mjs';
import { compete } from './lib/competition.mjs';
import { pageAbout } from './lib/docs.mjs';
import { machineFacts } from './lib/machine.mjs';
import { logWarningsOnly } from './lib/product.mjs';
import { printProfile } from './lib/print-profile.mjs';
import { readResults, resultsOf, writeResults } from './lib/results.mjs';
import { Server } from './lib/server.mjs';
import { printable } from './lib/table.mjs';

const say = (line) => process.stderr.write(`${line}\n`);
/** Ctrl-C: whoever is at work is killed, the server is stopped, nothing is written. */
class Interrupted extends Error {}
const interruption = new AbortController();
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => interruption.abort(new Interrupted(`Stopped by ${name}; nothing was written.`)));

const page = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');

/** @returns {Promise<number>} the exit code: 1 when ours failed, or a bench could not begin */
async function main() {
  const wanted = readArguments(process.argv.slice(2), benches);
  if (wanted.help) {
    console.log(usage(benches));
    return 0;
  }
  if (wanted.docs) writePage(wanted.folder);
  let isIncomplete = false;
  for (const bench of wanted.docs ? [] : wanted.benches) isIncomplete = !(await measureIfPossible(bench, wanted)) || isIncomplete;
  return isIncomplete ? 1 : 0;
}

/** A bench without its broker keeps nobody from the others. */
async function measureIfPossible(bench, wanted) {
  try {
    return await measure(bench, wanted);
  } catch (error) {
    if (!(error instanceof NoBroker)) throw error;
    say(error.message);
    return false;
  }
}

/** @returns {Promise<boolean>} did ours come through? */
async function measure(bench, wanted) {
  say(`\n${bench.title} (${bench.name})`);
  const contenders = bench.contenders.filter((it) => it.ours || wanted.wantsPeer(it.name));
  const count = wanted.events ?? bench.count;
  const server = await Server.start(bench.name);
  try {
    const broker = bench.needsBroker ? await Broker.find() : undefined;
    const machine = machineFacts({ postgres: await server.version(), ...(broker && { rabbitmq: broker.version }), ...bench.facts?.() }, contenders, { count, unit: bench.unit, runs: wanted.runs });
    const place = { server, broker };
    const records = await compete(bench, { runs: wanted.runs, count, wants: wanted.wantsFigure, contenders, place, say, signal: interruption.signal, profiling: wanted.profile ? profiling(bench) : {} });
    const results = resultsOf(bench, records, contenders, machine, wanted.wantsFigure);
    for (const line of printable(bench, results)) console.log(line);
    if (wanted.writes) say(`\n${writeResults(wanted.folder, results)}`);
    if (wanted.writesDocs) writePage(wanted.folder);
    return !contenders.some((it) => it.ours && records.failed.has(it.name));
  } finally {
    await server.stop();
  }
}

/** Of the runs that count the last one stays. */
function profiling(bench) {
  return {
    onProfile: (contender, method) => join(import.meta.dirname, 'profiles', `${bench.name}-${contender}-${method}.cpuprofile`),
    tell: (file, summary) => printProfile(file, summary, say),
  };
}

function writePage(folder) {
  writeFileSync(page, pageAbout(benches, readResults(folder, benches.map((it) => it.name))));
  say(page);
}

try {
  await logWarningsOnly();
  process.exitCode = await main();
} catch (error) {
  if (error instanceof BadArguments) say(`${error.message}\n\n${usage(benches)}`);
  else if (error instanceof Interrupted) say(error.message);
  else throw error;
  process.exitCode = error instanceof Interrupted ? 130 : 2;
}
