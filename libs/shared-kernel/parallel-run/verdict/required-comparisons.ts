/** A share of one in a thousand that went wrong would have shown with 95 %. */
export const [EPSILON, MISSED] = [0.001, 0.05];

/**
 * How many comparisons without a difference show that fewer than a share of ε differ, with an error of α:
 * `(1 − ε)^n ≤ α`, so n ≥ ln(1/α) / −ln(1−ε). 2,995 for ε = 0.1 % and α = 5 %.
 */
export function requiredComparisons(epsilon = EPSILON, alpha = MISSED): number {
  return Math.ceil(Math.log(1 / alpha) / -Math.log1p(-epsilon));
}
