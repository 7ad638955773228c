/** A number as it is written: `digits · 10^-scale`. Doubles would lose what is behind the 15th digit, and make 100.01 − 100 more than 0.01. */
interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

const WRITTEN = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?\s*$/i;

/** Undefined where the text is no decimal number. */
export function decimalOf(text: string): Decimal | undefined {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = WRITTEN.exec(text) ?? [];
  if (whole + fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  return { digits: sign === '-' ? -digits : digits, scale: fraction.length - Number(exponent) };
}

/** Are two numbers at most so far apart? Exactly. */
export function isWithin(most: Decimal, a: Decimal, b: Decimal): boolean {
  const scale = Math.max(most.scale, a.scale, b.scale);
  const [limit, one, other] = [most, a, b].map((it) => it.digits * 10n ** BigInt(scale - it.scale)) as [bigint, bigint, bigint];
  const apart = one - other;
  return (apart < 0n ? -apart : apart) <= limit;
}
