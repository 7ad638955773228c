import { matchesField, problemOfPattern } from '../../comparison/index.js';

/**
 * Somebody answers for a difference until a day. It weakens the comparison rather than mutes it: the field is compared
 * and counted as before and lowers the score, but does not hold the gate.
 */
export interface Waiver {
  /** A pattern of fields, as in rules of comparison: `rows/payment/changed_at`, `events/*`; or `coverage`, of an endpoint that was never compared. */
  readonly field: string;
  /** Only there, where given. */
  readonly endpoint?: string;
  readonly owner: string;
  readonly reason: string;
  /** ISO 8601; from then on it does nothing. */
  readonly expires: string;
}

/** In place of a field: that an endpoint was never compared. No pattern means it. */
export const NEVER_COMPARED = 'coverage';

/** The waiver in force for a field at a moment. */
export function waiverFor(waivers: readonly Waiver[], place: { readonly endpoint: string; readonly field: string }, at: Date): Waiver | undefined {
  const speaksOf = (field: string): boolean => (place.field === NEVER_COMPARED ? field === NEVER_COMPARED : matchesField(field, place.field));
  return waivers.find((it) => isInForce(it, at) && (it.endpoint ?? place.endpoint) === place.endpoint && speaksOf(it.field));
}

export function isInForce({ expires }: Waiver, at: Date): boolean {
  return Date.parse(expires) > at.getTime();
}

/** Whatever is wrong with a waiver that somebody wants to give. */
export function problemsOfWaiver(waiver: Waiver, at: Date): string[] {
  const pattern = waiver.field === NEVER_COMPARED ? undefined : problemOfPattern(waiver.field);
  const problems = [
    waiver.field === NEVER_COMPARED && waiver.endpoint === undefined && 'it must say which endpoint need not be compared',
    pattern && `the field "${waiver.field}" ${pattern}`,
    waiver.owner.trim() === '' && 'it needs an owner, who answers for it',
    waiver.reason.trim() === '' && 'it needs a reason',
    !isInForce(waiver, at) && `it must expire in the future, not "${waiver.expires}"`,
  ];
  return problems.filter((it) => typeof it === 'string');
}
