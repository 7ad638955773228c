import type { InputOf, OutputOf } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { unreachable } from '@banyan/kernel/words';
import { PaymentClosed, paymentsContract } from '../contract/index.js';
import { Cashier } from './cashier.js';
import type { Payment } from './payment.js';
import { PaymentBook } from './payment-book.js';
import { requestPayment } from './payment-decisions.js';

const { authorizePayment } = paymentsContract.commands;

/**
 * Asks for the money of an order. The payment is stored before the processor is asked; sent again, by whatever key,
 * the command goes on with the payment that the order has.
 */
@Handles(authorizePayment, { transaction: 'own' })
export class AuthorizePayment {
  constructor(
    private readonly database: Database,
    private readonly book: PaymentBook,
    private readonly cashier: Cashier,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  async run({ orderId, customerId, amount, method }: InputOf<typeof authorizePayment>): Promise<OutputOf<typeof authorizePayment>> {
    const wish = { id: this.ids.next('payment'), orderId, customerId, amount: amount.amount, method };
    const { payment } = await this.database.transaction(() => this.book.open(requestPayment(wish, this.clock.now())));
    return payment.isCancelled ? answerOf(payment) : answerOf(await this.cashier.finish(payment));
  }
}

function answerOf({ id, orderId, isCancelled, state }: Payment): OutputOf<typeof authorizePayment> {
  if (isCancelled) throw new PaymentClosed(`The payment of order ${orderId} was cancelled.`, { orderId, paymentId: id });
  switch (state.is) {
    case 'authorized': case 'capturing': case 'captured': return { is: 'authorized', paymentId: id };
    case 'declined': return { is: 'declined', paymentId: id, code: state.code, message: state.message };
    case 'authorizing': case 'voided': case 'closed': throw new Error(`The payment ${id} cannot be ${state.is} here.`);
    default: return unreachable(state);
  }
}
