import { type FieldCounts, counted, firstCounts, judgeField } from '@banyan/kernel/parallel-run';
import { Dice } from '../simulation/engine/dice.js';
import { diffyAlarms } from './diffy.js';

/** A field of answers: how often the old build differs from itself, and how often the candidate does. */
export interface SimulatedField {
  readonly noise: number;
  readonly candidate: number;
}

export interface Scene {
  readonly fields: readonly SimulatedField[];
  readonly comparisons: number;
}

/** When each rule raised its first alarm, in comparisons; undefined when it raised none. */
export interface Alarms {
  readonly ours: number | undefined;
  readonly diffy: number | undefined;
  /** Diffy, if nobody looks before the thousandth comparison. */
  readonly diffyPatient: number | undefined;
  /** Diffy, if somebody looks once, at the end. */
  readonly diffyAtEnd: boolean;
}

/** Comparisons before which a patient user of Diffy does not look. */
export const PATIENCE = 1_000;

/** The same for both rules. A look between two differences of a field would see what the last one saw, so it is left out. */
class Watched {
  counts: FieldCounts | undefined;
  raw = 0;
  noise = 0;

  constructor(readonly field: SimulatedField) {}

  diffyAt(total: number): boolean {
    return diffyAlarms({ total, raw: this.raw, noise: this.noise });
  }
}

/** Plays one parallel run in which every input is answered by primary, candidate and control, and looks after each. */
export function playRun(seed: string, { fields, comparisons }: Scene): Alarms {
  const dice = new Dice(seed);
  const watched = fields.map((it) => new Watched(it));
  let [known, ours, diffy, diffyPatient] = [0, Infinity, Infinity, Infinity];
  for (let n = 1; n <= comparisons; n += 1) {
    for (const it of watched) {
      const [candidateDiffered, controlDiffered] = [dice.chance(it.field.candidate), dice.chance(it.field.noise)];
      if (candidateDiffered) it.raw += 1;
      if (controlDiffered) it.noise += 1;
      if (!it.counts && (candidateDiffered || controlDiffered)) it.counts = firstCounts(known += 1, { comparisons: n - 1, control: n - 1 });
      if (!it.counts) continue;
      it.counts = counted(it.counts, { candidateDiffered, controlDiffered });
      if (ours === Infinity && judgeField(it.counts, { hasControl: true }).is === 'finding') ours = n;
      if (diffy === Infinity && it.diffyAt(n)) diffy = n;
      if (diffyPatient === Infinity && n >= PATIENCE && it.diffyAt(n)) diffyPatient = n;
    }
  }
  const orNone = (n: number): number | undefined => (n === Infinity ? undefined : n);
  return { ours: orNone(ours), diffy: orNone(diffy), diffyPatient: orNone(diffyPatient), diffyAtEnd: watched.some((it) => it.diffyAt(comparisons)) };
}
