import { BadArguments, readArguments } from '../arguments.js';
import { playScenes, tableOf } from './table.js';

/** Of the table in the documentation. */
const SEED = 2_995;
/** More than this share of clean runs with an alarm, and the promise is broken. */
const MOST = 0.01;

/** `npm run simulate -- false-alarms`. Answers the exit code. */
export async function falseAlarms(argv: readonly string[]): Promise<number> {
  const { words, given } = readArguments(argv, { runs: 'number', seed: 'number' });
  if (words.length > 0) throw new BadArguments(`"${words.join(' ')}" is too much: there are only options.`);
  const seed = given.seed ?? SEED;
  const outcomes = playScenes(seed, given.runs);
  console.log(`Seed ${seed}.\n\n${tableOf(outcomes)}\n`);
  const [clean] = outcomes;
  const alarmed = clean?.alarms.filter(({ ours }) => ours !== undefined).length ?? 0;
  if (clean && alarmed <= clean.runs * MOST) {
    console.log(`Survived ${clean.runs} clean runs with ${alarmed} false alarms.`);
    return 0;
  }
  console.log(`✖ ${alarmed} of ${clean?.runs ?? 0} clean runs raised a finding; 1 % may.`);
  return 1;
}
