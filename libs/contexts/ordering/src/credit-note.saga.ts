import { inventoryContract } from '@banyan/inventory/contract';
import { idSchema, isoInstant, moneySchema } from '@banyan/kernel/contract';
import { call, defineSaga, local } from '@banyan/kernel/saga';
import { paymentsContract } from '@banyan/payments/contract';
import { z } from 'zod';
import { MarkIssued } from './mark-issued.js';

const creditNoteState = z.strictObject({
  creditNoteId: idSchema,
  customerId: z.string(),
  amount: moneySchema,
  issuedAt: isoInstant,
  lines: z.array(z.strictObject({ sku: z.string(), quantity: z.int() })),
});

/** Goods back on the shelf, money back to the customer. The goods are here already, so it only goes forward. */
export const creditNoteSaga = defineSaga('credit-note', 1, creditNoteState, {
  forwardOnly: true,
  steps: [
    call('return-stock', inventoryContract.commands.returnStock, {
      input: ({ creditNoteId, lines }) => ({ returnId: creditNoteId, lines }),
    }),
    call('credit-customer', paymentsContract.commands.creditCustomer, {
      input: ({ creditNoteId, customerId, amount, issuedAt }) => ({ creditNoteId, customerId, amount, issuedAt }),
    }),
    local('mark-issued', MarkIssued),
  ],
});
