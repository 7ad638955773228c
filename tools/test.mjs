// npm test: all that CI checks. npm test -- ARGS: only Jest, with ARGS (a path, -t "a name", …).
import { readFileSync, rmSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './lib/build.mjs';
import { checks } from './lib/checks.mjs';
import { ensureInstalled } from './lib/install.mjs';
import { at, main, say, Stop } from './lib/tool.mjs';
import { captureNode, interruptedBy, runNode } from './lib/spawn.mjs';
import { testEnv } from './lib/test-env.mjs';

const passed = { passed: 1, failed: 0, skipped: 0, output: '' };
const failed = (output) => ({ passed: 0, failed: 1, skipped: 0, output });

await main(async () => {
  const jestArgs = process.argv.slice(2);
  await ensureInstalled();
  const results = [];
  if (jestArgs.length === 0) {
    results.push(await measured('build', async () => ensureBuilt().then(() => passed, failedBy)));
    results.push(...await inLanes(checks, 2, (one) => measured(one.name, () => check(one))));
  } else await ensureBuilt();
  results.push(await jest(jestArgs));
  return conclude(results);
});

/** A build that fails is one failed check; whatever else goes wrong is our own defect. */
function failedBy(error) {
  if (error instanceof Stop) return failed(error.message);
  throw error;
}

/** A check is a script that says what is wrong and exits with something other than 0. */
async function check({ script, args, mustSpeak }) {
  const { code, output } = await captureNode([script, ...args], { env: testEnv() });
  if (mustSpeak && code === 0 && output.trim() === '') return failed('It said nothing, so it checked nothing.');
  const note = /^note: (.*)$/m.exec(output)?.[1];
  return code === 0 ? { ...passed, note } : failed(output);
}

/** Does the work for every item, so many at a time; none begins after one that went wrong. */
async function inLanes(items, lanes, work) {
  const results = [];
  const queue = items.values();
  const lane = async () => { for (const item of queue) results.push(await work(item)); };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}

async function measured(name, act) {
  const from = performance.now();
  const result = await act();
  stopIfInterrupted();
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const note = result.note ? `: ${result.note}` : '';
  console.log(`${result.failed ? '✖' : '✔'} ${name} (${seconds} s)${note}`);
  if (result.failed) console.log(result.output.trimEnd().replace(/^/gm, '    '));
  return result;
}

async function jest(args) {
  const outputFile = join(tmpdir(), `banyan-jest-${process.pid}.json`);
  const env = testEnv();
  // Jest loads ES modules through a part of node:vm that still has to be asked for; its workers too.
  env.NODE_OPTIONS = `${env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim();
  const script = at('node_modules', 'jest', 'bin', 'jest.js');
  const code = await runNode(script, ['--json', `--outputFile=${outputFile}`, ...args], { env });
  stopIfInterrupted();
  try {
    return counted(JSON.parse(readFileSync(outputFile, 'utf8')), code);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
    return complained(failed(''), `Jest left no results (exit code ${code}).`);
  } finally {
    rmSync(outputFile, { force: true });
  }
}

/** Counts tests; a file that could not even be loaded is one failure, and so is a run without tests. */
function counted(report, code) {
  const sum = {
    passed: report.numPassedTests,
    failed: report.numFailedTests + report.numRuntimeErrorTestSuites,
    skipped: report.numPendingTests + report.numTodoTests,
  };
  if (sum.passed + sum.failed + sum.skipped === 0) return complained({ ...sum, failed: 1 }, 'Jest ran no test.');
  if (code !== 0 && sum.failed === 0) return complained({ ...sum, failed: 1 }, `Jest failed outside its tests (exit code ${code}).`);
  return sum;
}

function complained(result, complaint) {
  say(`✖ ${complaint}`);
  return result;
}

function conclude(results) {
  const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
  console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
  return total('failed') > 0 ? 1 : 0;
}

/** Ctrl-C ends the whole run, not only the check that happened to be at work. */
function stopIfInterrupted() {
  if (interruptedBy) throw new Stop(`Stopped by ${interruptedBy}; nothing after it was checked.`, 128 + constants.signals[interruptedBy]);
}
