import { setTimeout as sleep } from 'node:timers/promises';
import Scientist from 'scientist';
import { Count, comparedFinder, finders } from '../candidates.mjs';

/** As its documentation has it for what answers with promises. */
export function comparer() {
  const count = new Count();
  const scientist = new Scientist();
  scientist.on('result', ({ matched, mismatched }) => count.note(matched.length === 1 && mismatched.length === 0));
  scientist.on('skip', (_experiment, reason) => { count.other = `skipped: ${reason}`; });
  scientist.on('error', (error) => { count.other = error.message; });
  const finder = comparedFinder(({ control, candidate }) => scientist.science('find-payment', (experiment) => {
    experiment.async(true);
    experiment.use(control);
    experiment.try(candidate);
  }));
  return {
    perCall: { read: 1, write: 0 },
    providers: [...finders, finder],
    outcome: async (_house, expected) => {
      for (let patience = 1_000; count.compared < expected && patience > 0; patience -= 1) await sleep(10);
      return count.now;
    },
  };
}
