import { built, kernel } from '../lib/product.mjs';

const { FindPayment } = await built('libs/contexts/payments/src/find-payment.js');
const { PaymentRepository } = await built('libs/contexts/payments/src/payment.repository.js');
const { Ledger } = await built('libs/contexts/payments/src/ledger/ledger.js');
const { TableLedger } = await built('libs/contexts/payments/src/ledger/tables/table-ledger.js');
const { Database } = await kernel('persistence');

export { FindPayment, Ledger };

/** The same code twice, under names of their own. */
export class ControlFind extends FindPayment {}
export class CandidateFind extends FindPayment {}
export class ControlLedger extends TableLedger {}
export class CandidateLedger extends TableLedger {}

const made = (Class, ...inject) => ({ provide: Class, useFactory: (...given) => new Class(...given), inject });

export const finders = [made(ControlFind, PaymentRepository), made(CandidateFind, PaymentRepository)];
export const ledgers = [made(ControlLedger, Database), made(CandidateLedger, Database)];

/**
 * Both finders behind the one that the context asks.
 * @param {(ask: { control: () => Promise<object>, candidate: () => Promise<object> }) => Promise<object>} both
 */
export const comparedFinder = (both) => ({
  provide: FindPayment,
  useFactory: (control, candidate) => ({ run: (...args) => both({ control: () => control.run(...args), candidate: () => candidate.run(...args) }) }),
  inject: [ControlFind, CandidateFind],
});

/** Counts what was compared. */
export class Count {
  compared = 0;
  equal = 0;
  other = '';

  note(isEqual) {
    this.compared += 1;
    if (isEqual) this.equal += 1;
  }

  get now() {
    return { compared: this.compared, equal: this.equal, skipped: 0, other: this.other };
  }
}
