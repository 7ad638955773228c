import { defineComparison, ignored } from '@banyan/kernel/comparison';
import { factsOf } from './ledger/projection.js';

/** How another version of payments is compared with this one: whatever tables it books in, by what it has booked. */
export const paymentsComparison = defineComparison({
  fields: {
    'calls/CardProcessor.*/**/timeoutMs': ignored('How long it waits at most follows from the time that the request has left.'),
  },
  projection: (rows) => factsOf(rows).flatMap(({ change, ...rest }) => (change === 'truncated' ? [] : [{ ...rest, change }])),
  factKeys: { 'ledger-fact': ['paymentId', 'version'], 'ledger-line': ['bookingId', 'line'] },
});
