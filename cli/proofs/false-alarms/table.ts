import { type Alarms, PATIENCE, type Scene, playRun } from './run.js';

/** Shares of answers in which the old build differs from itself. */
const NOISE = [0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3] as const;
const noisy = NOISE.map((noise) => ({ noise, candidate: noise }));
const [COMPARISONS, PENNY_COMPARISONS] = [6_000, 60_000];

/** What is played, and how many runs at most. */
const scenes: readonly (Scene & { readonly name: string; readonly runs: number })[] = [
  { name: 'nothing changed', runs: 200, fields: noisy, comparisons: COMPARISONS },
  { name: 'a field that differs in 30 % differs in 40 %', runs: 200, fields: [...noisy.slice(0, -1), { noise: 0.3, candidate: 0.4 }], comparisons: COMPARISONS },
  { name: 'a penny, in 1 of 10,000', runs: 50, fields: [{ noise: 0, candidate: 0.0001 }], comparisons: PENNY_COMPARISONS },
];

/** What came out of the runs of one scene. */
export interface Outcome {
  readonly name: string;
  readonly runs: number;
  readonly alarms: readonly Alarms[];
}

/** Plays all scenes; a function of the seed alone. @param most runs of a scene, for a short version */
export function playScenes(seed: number, most = Infinity): Outcome[] {
  return scenes.map(({ name, runs, ...scene }) => {
    const played = Math.min(runs, most);
    return { name, runs: played, alarms: Array.from({ length: played }, (_, i) => playRun(`${seed}/${name}/${i}`, scene)) };
  });
}

const rules: readonly { readonly name: string; readonly first: (alarms: Alarms) => number | boolean | undefined }[] = [
  { name: 'ours, looked at after every comparison', first: ({ ours }) => ours },
  { name: 'Diffy\'s, looked at after every comparison', first: ({ diffy }) => diffy },
  { name: `Diffy's, from the ${PATIENCE.toLocaleString('en')}th comparison on`, first: ({ diffyPatient }) => diffyPatient },
  { name: 'Diffy\'s, looked at once, at the end', first: ({ diffyAtEnd }) => diffyAtEnd },
];

/** The outcomes as a table: in how many runs each rule raised an alarm, and after how many comparisons (median). */
export function tableOf(outcomes: readonly Outcome[]): string {
  const head = ['Rule', ...outcomes.map(({ name, runs }) => `${name} (${runs} runs)`)];
  const rows = rules.map(({ name, first }) => [name, ...outcomes.map(({ alarms }) => cell(alarms.map(first)))]);
  return [head, head.map((_, i) => (i === 0 ? '---' : '---:')), ...rows].map((it) => `| ${it.join(' | ')} |`).join('\n');
}

function cell(firsts: readonly (number | boolean | undefined)[]): string {
  const raised = firsts.filter((it) => it !== undefined && it !== false);
  const moments = raised.filter((it) => typeof it === 'number').sort((a, b) => a - b);
  const median = moments[Math.floor(moments.length / 2)];
  return `${Number(((100 * raised.length) / firsts.length).toFixed(1))} %${median === undefined ? '' : `, after ${median.toLocaleString('en')}`}`;
}
