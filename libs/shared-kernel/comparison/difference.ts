export type Output = 'response' | 'events' | 'rows' | 'calls';

/**
 * - `missing`: the candidate lacks an element (an event, a row, a call, an element of a list)
 * - `extra`: only the candidate has it
 * - `reordered`: the same elements in another order, where order matters
 * - `payload`: the same type, another value
 * - `schema`: another JSON type, a field on one side only, null against absent
 */
export type DifferenceKind = 'missing' | 'extra' | 'reordered' | 'payload' | 'schema';

/** One thing that the candidate did differently. */
export interface Difference {
  readonly output: Output;
  readonly kind: DifferenceKind;
  /**
   * The place, without what differs from input to input: `response/status`, `response/body/lines/*`,
   * `events/payments.payment-captured/payload/amount`, `rows/payment/changed_at`, `calls/CardProcessor.authorize/1/key`.
   * Indexes of lists are `*`; in a name a `~` is written `~0`, a `/` is `~1`, a `*` is `~2`, and `~3` is a name without letters.
   */
  readonly field: string;
  readonly primary: unknown;
  readonly candidate: unknown;
}
