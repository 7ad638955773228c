import { unreachable } from '@banyan/kernel/words';
import { type Change, type Payment, type Refund, changed, needsProcessor, refundable, refundedOf, unchanged } from './payment.js';

/** Something that the card processor has to do for a payment; `key` names it once and for all. */
export type Operation =
  | { readonly is: 'authorize'; readonly key: 'authorize' }
  | { readonly is: 'capture'; readonly key: 'capture'; readonly authorization: string }
  | { readonly is: 'void'; readonly key: 'void'; readonly authorization: string }
  | { readonly is: 'refund'; readonly key: string; readonly authorization: string; readonly refund: Refund };

/** What the processor says to an authorisation. */
export type AuthorizationAnswer =
  | { readonly is: 'authorized'; readonly authorization: string }
  | { readonly is: 'declined'; readonly code: string; readonly message: string };

/** What the processor says to everything else. */
export type SettlementAnswer =
  | { readonly is: 'done' }
  | { readonly is: 'refused'; readonly code: string; readonly message: string };

export type Answer = AuthorizationAnswer | SettlementAnswer;

/** Where nobody is asked, this stands for the processor's own name of the authorisation. */
const NOBODY_ASKED = 'nobody-asked';

/** All that the processor still has to do for the payment as it stands. */
export function operations(payment: Payment): Operation[] {
  const { state, isCancelled } = payment;
  switch (state.is) {
    case 'authorizing': return [{ is: 'authorize', key: 'authorize' }];
    case 'capturing': return [{ is: 'capture', key: 'capture', authorization: state.authorization }];
    case 'authorized': return isCancelled ? [{ is: 'void', key: 'void', authorization: state.authorization }] : [];
    case 'captured': return refundsOf(payment).map((refund) => ({ is: 'refund', key: refundKey(refund.id), authorization: state.authorization, refund }));
    case 'declined': case 'voided': case 'closed': return [];
    default: return unreachable(state);
  }
}

/** What whoever meets the payment carries on with; refunds that staff asked for have a saga of their own. */
export function underWay(payment: Payment): Operation | undefined {
  return operations(payment).find((it) => it.is !== 'refund' || payment.isCancelled);
}

export function refundKey(refundId: string): string {
  return `refund/${refundId}`;
}

/**
 * What a cancellation gives back is named after the payment's version: it stays the same while the refund is under
 * way, and becomes another one after a refusal, so that trying again is a new question to the processor.
 */
function refundsOf(payment: Payment): readonly Refund[] {
  if (payment.pendingRefunds.length > 0) return payment.pendingRefunds;
  const rest = payment.isCancelled ? refundable(payment) : 0;
  return rest > 0 ? [{ id: `cancellation-${payment.version}`, amount: rest }] : [];
}

/**
 * Takes in what the processor said. Changes nothing when the operation is not waited for any more: then somebody
 * else asked with the same key, got the same answer and was quicker to record it.
 */
export function answered(payment: Payment, operation: Operation, answer: Answer): Change {
  if (!operations(payment).some((it) => it.key === operation.key)) return unchanged(payment);
  const isAuthorization = answer.is === 'authorized' || answer.is === 'declined';
  if (operation.is === 'authorize') {
    if (!isAuthorization) throw new Error(`An authorisation cannot be answered with "${answer.is}".`);
    return authorizationAnswered(payment, answer);
  }
  if (isAuthorization) throw new Error(`A ${operation.is} cannot be answered with "${answer.is}".`);
  switch (operation.is) {
    case 'capture': return captureAnswered(payment, operation.authorization, answer);
    case 'void': return answer.is === 'done' ? changed(payment, { state: { is: 'voided' } }, { is: 'voided', amount: payment.amount }) : unchanged(payment);
    case 'refund': return refundAnswered(payment, operation, answer);
    default: return unreachable(operation);
  }
}

/** Where nobody has to be asked, what is under way is done at once. */
export function atOnce(change: Change): Change {
  const { before, payment, facts } = change;
  const operation = needsProcessor(payment) ? undefined : underWay(payment);
  if (!operation) return change;
  const next = answered(payment, operation, agreed(operation));
  return atOnce({ before, payment: next.payment, facts: [...facts, ...next.facts] });
}

/** The answer that a payment without a processor gets. */
export function agreed(operation: Operation): Answer {
  return operation.is === 'authorize' ? { is: 'authorized', authorization: NOBODY_ASKED } : { is: 'done' };
}

function authorizationAnswered(payment: Payment, answer: AuthorizationAnswer): Change {
  return answer.is === 'authorized'
    ? changed(payment, { state: { is: 'authorized', authorization: answer.authorization } }, { is: 'authorized', amount: payment.amount })
    : changed(payment, { state: answer }, { ...answer, amount: payment.amount });
}

/** A refused capture leaves the authorisation as it was, to be voided. */
function captureAnswered(payment: Payment, authorization: string, answer: SettlementAnswer): Change {
  const { amount } = payment;
  return answer.is === 'done'
    ? changed(payment, { state: { is: 'captured', authorization, refunded: 0 } }, { is: 'captured', amount })
    : changed(payment, { state: { is: 'authorized', authorization } }, { is: 'capture-refused', amount, code: answer.code, message: answer.message });
}

function refundAnswered(payment: Payment, { refund, authorization }: Extract<Operation, { is: 'refund' }>, answer: SettlementAnswer): Change {
  const pendingRefunds = payment.pendingRefunds.filter((it) => it.id !== refund.id);
  const about = { amount: refund.amount, refundId: refund.id };
  return answer.is === 'done'
    ? changed(payment, { state: { is: 'captured', authorization, refunded: refundedOf(payment) + refund.amount }, pendingRefunds }, { is: 'refunded', ...about })
    : changed(payment, { pendingRefunds }, { is: 'refund-refused', ...about, code: answer.code, message: answer.message });
}
