import { type ChildProcess, fork } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { BadArguments, readArguments } from './arguments.js';
import { falseAlarms } from './false-alarms/command.js';
import { type PartMessage, playPart } from './simulation/part.js';

export const SIMULATE_USAGE = `npm run simulate -- [--runs N] [--seed S] [--workers N] [--history]

Runs bus and sagas, the real code, on a simulated database and network: N schedules (default 2000), each with faults of
its own, each a function of its seed alone. The seeds are S, S + 1, …; without --seed a random S.
--history prints what happened in the first run, broken or not.

npm run simulate -- false-alarms [--runs N] [--seed S]

Parallel runs with noisy fields, judged by our rule and by Diffy's: how often each cries wolf, and what it finds.`;

const PROGRESS_EVERY_MS = 10_000;
type Broken = Extract<PartMessage, { is: 'broken' }>;

/** Sums up what the parts report. */
class Tally {
  runs = 0;
  broken: Broken | undefined;
  private events = 0;
  private virtualMs = 0;
  private readonly struck = { kill: 0, pause: 0, cut: 0, stall: 0, 'stop-server': 0 };

  take(message: PartMessage): void {
    if (message.is === 'broken') {
      this.broken ??= message;
      return;
    }
    this.runs += message.runs;
    this.events += message.events;
    this.virtualMs += message.virtualMs;
    for (const fault of Object.keys(this.struck) as (keyof typeof this.struck)[]) this.struck[fault] += message.struck[fault];
  }

  toString(): string {
    const { kill, pause, cut, stall } = this.struck;
    const count = (it: number): string => it.toLocaleString('en');
    return `${count(this.runs)} schedules, ${count(this.events)} events, ${count(Math.round(this.virtualMs / 3_600_000))} virtual hours: `
      + `${count(kill)} killed processes, ${count(pause)} that stood still, ${count(cut)} cut and ${count(stall)} stalled connections, ${count(this.struck['stop-server'])} stops of the database`;
  }
}

/** `npm run simulate`. Answers the exit code. */
export async function simulate(argv: readonly string[]): Promise<number> {
  if (argv[0] === 'false-alarms') return falseAlarms(argv.slice(1));
  const { words, given } = readArguments(argv, { runs: 'number', seed: 'number', workers: 'number', history: 'flag' });
  if (words.length > 0) throw new BadArguments(`"${words.join(' ')}" is too much: there are only options.`);
  const runs = given.runs ?? 2_000;
  const seed = given.seed ?? randomInt(1, 2 ** 31);
  const workers = given.history ? 1 : Math.min(given.workers ?? availableParallelism(), Math.ceil(runs / 50));
  console.log(`${runs.toLocaleString('en')} schedules from seed ${seed} on, ${workers} at a time.`);
  const tally = new Tally();
  const began = performance.now();
  const progress = setInterval(() => console.log(`${Math.round((performance.now() - began) / 1_000)} s: ${tally.runs.toLocaleString('en')} of ${runs.toLocaleString('en')}`), PROGRESS_EVERY_MS);
  try {
    await playAll(tally, parts(seed, runs, workers), given.history === 1);
  } finally {
    clearInterval(progress);
  }
  if (!tally.broken && tally.runs !== runs) throw new Error(`${runs} schedules were to be played, and ${tally.runs} were reported.`);
  return conclude(tally);
}

/** One stretch of seeds per worker. */
function parts(seed: number, runs: number, workers: number): { first: number; runs: number }[] {
  const share = Math.ceil(runs / workers);
  return Array.from({ length: workers }, (_, at) => ({ first: seed + at * share, runs: Math.min(share, runs - at * share) })).filter((it) => it.runs > 0);
}

async function playAll(tally: Tally, all: readonly { first: number; runs: number }[], keepsHistory: boolean): Promise<void> {
  const children: ChildProcess[] = [];
  await Promise.all(all.map(({ first, runs }) => new Promise<void>((resolve, reject) => {
    const child = fork(process.argv[1] ?? '', ['simulate-part', String(first), String(runs), String(keepsHistory)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    children.push(child);
    child.on('message', (message: PartMessage) => {
      tally.take(message);
      if (message.is === 'broken' && message.report.broken.length > 0) for (const other of children) if (other !== child) other.kill();
    });
    child.once('error', reject);
    child.once('exit', (code) => { if (code === 0 || tally.broken) resolve(); else reject(new Error(`A process of runs ended by itself (exit code ${code ?? 'none'}).`)); });
  })));
}

function conclude(tally: Tally): number {
  const { broken } = tally;
  if (broken) {
    const { seed, history, digest } = broken.report;
    for (const line of history) console.log(line);
    for (const promise of broken.report.broken) console.log(`✖ ${promise}`);
    console.log(`Seed ${seed} (${broken.scenario}), history ${digest}. Again: npm run simulate -- --runs 1 --seed ${seed} --history`);
    if (broken.report.broken.length > 0) {
      console.log(`Broken: seed ${seed} of the ${broken.scenario}, after ${tally.runs.toLocaleString('en')} schedules.`);
      return 1;
    }
  }
  console.log(`Survived ${tally.toString()}. Nothing lost, nothing doubled, nothing out of order, every saga at its end.`);
  return 0;
}

/** The hidden command of a worker. */
export async function simulatePart([first, runs, keepsHistory]: readonly string[]): Promise<number> {
  process.once('disconnect', () => process.exit(1)); // whoever started it is gone
  const sent: Promise<void>[] = [];
  await playPart(Number(first), Number(runs), keepsHistory === 'true', (message) => {
    sent.push(new Promise((resolve) => { process.send?.(message, () => resolve()); }));
  });
  await Promise.all(sent);
  return 0;
}
