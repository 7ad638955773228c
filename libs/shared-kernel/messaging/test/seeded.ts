import { createHash, randomInt } from 'node:crypto';

/** The seed of a history: the one that was asked for, to play the same choices again, or a new one. Put it into the test's name. */
export function seedFrom(asked: string | undefined): number {
  const given = Number(asked);
  return Number.isInteger(given) && given > 0 ? given : randomInt(1, 2 ** 31);
}

/** Reproducible chance. */
export class Chance {
  private drawn = 0;

  constructor(private readonly seedText: string) {}

  /** A number in [0, 1). */
  next(): number {
    this.drawn += 1;
    return createHash('sha256').update(`${this.seedText}/${this.drawn}`).digest().readUIntBE(0, 6) / 2 ** 48;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }
}
