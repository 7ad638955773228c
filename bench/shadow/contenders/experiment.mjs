import { kernel } from '../../lib/product.mjs';
import { CandidateFind, CandidateLedger, ControlFind, ControlLedger, FindPayment, Ledger, finders, ledgers } from '../candidates.mjs';

const { Experiments, experiment } = await kernel('experiment');

/** With its limits out of the way, since every call is to be compared; a connection that is free is still needed. */
const unlimited = { budget: 1_000, atOnce: 1_000, waitMs: 5_000, timeoutMs: 10_000 };
const all = { asOf: undefined, after: 0, limit: 100 };

/** Both at once: reads through the one, writes through the other. */
export function comparer() {
  const finder = experiment(FindPayment, { name: 'find-payment', control: ControlFind, candidate: CandidateFind, reads: ['run'], ...unlimited });
  const ledger = experiment(Ledger, { name: 'ledger', control: ControlLedger, candidate: CandidateLedger, writes: { record: (port, payment) => port.history(payment, all) }, ...unlimited });
  return {
    perCall: { read: 1, write: 1 },
    providers: [...finders, ...ledgers, finder, ledger],
    outcome: async ({ app }) => {
      const experiments = app.get(Experiments, { strict: false });
      await experiments.idle();
      const outcomes = ['find-payment', 'ledger'].map((it) => experiments.report(it).outcomes);
      const sum = (names) => outcomes.reduce((total, it) => total + names.reduce((part, name) => part + it[name], 0), 0);
      return { compared: sum(['same', 'different', 'failed', 'timed-out']), equal: sum(['same']), skipped: sum(['skipped']), other: '' };
    },
  };
}
