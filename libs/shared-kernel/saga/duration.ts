/** A length of time as people write it: `500ms`, `30s`, `2m`, `1h`. */
export type Duration = `${number}${keyof typeof unitMs}`;

const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a duration, in milliseconds.
 * @throws Error when it is not a positive number with a unit
 */
export function milliseconds(duration: Duration): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(duration) ?? [];
  const ms = Number(amount) * (unitMs[unit as keyof typeof unitMs] ?? NaN);
  if (!(ms > 0)) throw new Error(`"${duration}" is not a duration. Write it like 500ms, 30s, 2m, 1h or 1d.`);
  return ms;
}
