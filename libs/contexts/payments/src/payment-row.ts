import type { Payment, PaymentState, Refund } from './payment.js';

/** A row of the table "payment". */
export interface PaymentRow {
  id: string;
  order_id: string;
  customer_id: string | null;
  method: string;
  amount: number;
  status: PaymentState['is'];
  authorization_id: string | null;
  decline_code: string | null;
  decline_message: string | null;
  refunded: number;
  is_cancelled: boolean;
  version: number;
  changed_at: Date;
}

export function paymentOf(row: PaymentRow, pendingRefunds: readonly Refund[]): Payment {
  return {
    id: row.id,
    orderId: row.order_id,
    customerId: row.customer_id,
    method: row.method,
    amount: row.amount,
    state: stateOf(row),
    isCancelled: row.is_cancelled,
    pendingRefunds,
    version: row.version,
    changedAt: row.changed_at,
  };
}

/** The values of a payment, in the order of the columns above. */
export function columnsOf(payment: Payment): unknown[] {
  return [payment.id, payment.orderId, payment.customerId, payment.method, payment.amount, ...stateColumnsOf(payment)];
}

/** Of those, the ones that change: from "status" on. */
export function stateColumnsOf(payment: Payment): unknown[] {
  const { state } = payment;
  return [
    state.is,
    'authorization' in state ? state.authorization : null,
    state.is === 'declined' ? state.code : null,
    state.is === 'declined' ? state.message : null,
    state.is === 'captured' ? state.refunded : 0,
    payment.isCancelled, payment.version, payment.changedAt,
  ];
}

function stateOf(row: PaymentRow): PaymentState {
  // The table's constraint "state_is_whole" promises what the empty texts stand in for.
  const authorization = row.authorization_id ?? '';
  switch (row.status) {
    case 'authorized': case 'capturing': return { is: row.status, authorization };
    case 'captured': return { is: 'captured', authorization, refunded: row.refunded };
    case 'declined': return { is: 'declined', code: row.decline_code ?? '', message: row.decline_message ?? '' };
    case 'authorizing': case 'voided': case 'closed': return { is: row.status };
  }
}
