import { createHash, randomInt } from 'node:crypto';

/** The seed of a random test: `SEED` of the environment, to play the same choices again, or a new one. Put it into the test's name. */
export function newSeed(): number {
  const given = Number(process.env['SEED']);
  return Number.isInteger(given) && given > 0 ? given : randomInt(1, 2 ** 31);
}

/** Chance that can be had again: the same seed draws the same values. */
export class Chance {
  private drawn = 0;

  constructor(private readonly seed: number | string) {}

  /** A number in [0, 1). */
  next(): number {
    this.drawn += 1;
    return createHash('sha256').update(`${this.seed}/${this.drawn}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
