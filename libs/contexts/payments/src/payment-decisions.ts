import { unreachable } from '@banyan/kernel/words';
import { PaymentNotAuthorized } from '../contract/index.js';
import { RefundExceedsCaptured } from './errors.js';
import { type Change, type Payment, type Refund, changed, refundable, unchanged } from './payment.js';
import { atOnce } from './processor-operation.js';

/** On a tombstone, in the place of a method. */
const NO_METHOD = 'none';

/** Begins the payment of an order. */
export function requestPayment(wish: Pick<Payment, 'id' | 'orderId' | 'customerId' | 'method' | 'amount'>, at: Date): Change {
  return atOnce(begun({ ...wish, ...blank(at), state: { is: 'authorizing' }, isCancelled: false }));
}

/** Closes an order that never asked for money. */
export function closeOrder(id: string, orderId: string, at: Date): Change {
  const tombstone: Payment = {
    id, orderId, customerId: null, method: NO_METHOD, amount: 0, ...blank(at), version: 1, state: { is: 'closed' }, isCancelled: true,
  };
  return { ...begun(tombstone), facts: [{ is: 'closed', amount: 0 }] };
}

/**
 * Begins to take the authorised money; changes nothing where that is under way, done, or undone by a cancellation.
 * @throws PaymentNotAuthorized while there is nothing to take
 */
export function requestCapture(payment: Payment): Change {
  const { state } = payment;
  if (payment.isCancelled) return unchanged(payment);
  switch (state.is) {
    case 'authorized': return atOnce(changed(payment, { state: { is: 'capturing', authorization: state.authorization } }));
    case 'capturing': case 'captured': return unchanged(payment);
    case 'authorizing': case 'declined': case 'voided': case 'closed':
      throw new PaymentNotAuthorized(`The payment of order ${payment.orderId} is ${state.is}: there is nothing to capture.`, { paymentId: payment.id, status: state.is });
    default: return unreachable(state);
  }
}

/** From here on everything goes towards giving the money back, however far it came. */
export function cancel(payment: Payment): Change {
  if (payment.isCancelled) return unchanged(payment);
  return atOnce(changed(payment, { isCancelled: true }, { is: 'cancelled', amount: 0 }));
}

/**
 * Promises a part of the captured money back.
 * @throws RefundExceedsCaptured when it is more than there is left; a cancelled payment has nothing left to promise
 */
export function requestRefund(payment: Payment, refund: Refund): Change {
  const left = payment.isCancelled ? 0 : refundable(payment);
  if (refund.amount > left) {
    throw new RefundExceedsCaptured(
      payment.isCancelled
        ? 'The payment was cancelled: all of it goes back to the customer already.'
        : `Only ${left} (minor units) can still be refunded, ${refund.amount} were asked for.`,
      { refundable: left, asked: refund.amount },
    );
  }
  return changed(payment, { pendingRefunds: [...payment.pendingRefunds, refund] }, { is: 'refund-requested', amount: refund.amount, refundId: refund.id });
}

function blank(at: Date): Pick<Payment, 'pendingRefunds' | 'version' | 'changedAt'> {
  return { pendingRefunds: [], version: 0, changedAt: at };
}

function begun(payment: Payment): Change {
  return { before: undefined, payment, facts: [] };
}
