/** Chance that can be had again, and cheaply: the same seed throws the same dice (xorshift128 over a hashed seed). */
export class Dice {
  private a = 0;
  private b = 0;
  private c = 0;
  private d = 0;

  constructor(seed: string) {
    let hash = 2_166_136_261;
    const mix = (): number => {
      hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
      hash = Math.imul(hash ^ (hash >>> 13), 3_266_489_909);
      return (hash ^= hash >>> 16) >>> 0;
    };
    for (let at = 0; at < seed.length; at += 1) hash = Math.imul(hash ^ seed.charCodeAt(at), 16_777_619);
    [this.a, this.b, this.c, this.d] = [mix(), mix(), mix(), mix() | 1];
  }

  /** A whole number of 32 bits. */
  bits(): number {
    let t = this.d;
    const s = this.a;
    this.d = this.c;
    this.c = this.b;
    this.b = s;
    t ^= t << 11;
    t ^= t >>> 8;
    this.a = (t ^ s ^ (s >>> 19)) >>> 0;
    return this.a;
  }

  /** A number in [0, 1). */
  next(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number in [from, to). */
  whole(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** Between the two, small ones as likely as large ones by order of magnitude. */
  spread(from: number, to: number): number {
    return from * (to / from) ** this.next();
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.whole(0, list.length)];
    if (picked === undefined) throw new RangeError('There is nothing to pick from.');
    return picked;
  }
}
