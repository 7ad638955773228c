/** Parameter of the Beta prior: Jeffreys', which makes the test good at small and large differences alike. */
const A = 0.5;

/** Lanczos' approximation (g = 7, n = 9): https://en.wikipedia.org/wiki/Lanczos_approximation, 15 digits for x > 0. */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (x - 1 + i)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

function logBeta(p: number, q: number): number {
  return logGamma(p) + logGamma(q) - logGamma(p + q);
}

/**
 * The natural logarithm of `E = 2^(b+c)·B(a+b, a+c)/B(a, a)`, a = ½, for b pairs against and c for. Under "no side is
 * worse", each pair is a fair coin and E a martingale that starts at 1, so that it ever reaches 1/α with a probability of
 * at most α, however often somebody looks (Ville's inequality).
 */
export function logEvidence(against: number, inFavour: number): number {
  return (against + inFavour) * Math.LN2 + logBeta(A + against, A + inFavour) - logBeta(A, A);
}

/** Pairs of which the two sides answered differently, and what they say. */
export class Evidence {
  /** Pairs that speak against the candidate, and those that speak for it. */
  against = 0;
  for = 0;

  note(speaks: 'against' | 'for'): void {
    this[speaks] += 1;
  }

  /** The natural logarithm of E. */
  get logE(): number {
    return logEvidence(this.against, this.for);
  }

  /** Is the candidate worse, at this error probability? */
  isWorse(alpha: number): boolean {
    return this.against > this.for && this.logE >= -Math.log(alpha);
  }
}
