import { NotFound, cursorPage, idSchema, isoInstant, moneySchema } from '@banyan/kernel/contract';
import { Answers, Fails, Roles, SignedIn, caller, page, pageQuery, readCursor } from '@banyan/kernel/http';
import { money } from '@banyan/kernel/words';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { FindPayment } from '../find-payment.js';
import { ACCOUNTS } from './booking.js';
import { Ledger, type LedgerEvent } from './ledger.js';

const ofPayment = z.strictObject({ id: idSchema });
const ledgerQuery = pageQuery.extend({ asOf: isoInstant.optional().describe('Shows the account as it stood at this instant.') });

const side = z.int().min(0).describe('Minor units.');
const entrySchema = z.strictObject({ account: z.enum(ACCOUNTS), debit: side, credit: side });
const eventSchema = z.strictObject({
  sequence: z.int().min(1),
  event: z.enum(['authorized', 'declined', 'captured', 'capture-refused', 'refund-requested', 'refunded', 'refund-refused', 'cancelled', 'voided', 'closed']),
  at: isoInstant,
  amount: moneySchema,
  balance: moneySchema.describe('What is held of the customer\'s money after it.'),
  entries: z.array(entrySchema).describe('How it was booked; debits and credits are equal.'),
  bookingId: idSchema.nullable(),
  reference: z.string().nullable().describe('The refund it is about.'),
  reason: z.string().nullable().describe('The code of a refusal.'),
});
const ledgerSchema = cursorPage(eventSchema);
const trialBalanceSchema = z.strictObject({
  accounts: z.array(entrySchema),
  balance: z.int().describe('All debits less all credits: always zero.'),
  currency: z.literal('GBP'),
});

@Controller('v1/payments')
@ApiTags('payments')
export class LedgerController {
  constructor(private readonly findPayment: FindPayment, private readonly ledger: Ledger) {}

  @Get('trial-balance')
  @Roles('staff')
  @Answers(200, trialBalanceSchema, 'All bookings, summed by account.')
  async trialBalance(): Promise<z.input<typeof trialBalanceSchema>> {
    const accounts = await this.ledger.trialBalance();
    return { accounts, balance: accounts.reduce((sum, { debit, credit }) => sum + debit - credit, 0), currency: 'GBP' };
  }

  @Get(':id/ledger')
  @SignedIn()
  @Answers(200, ledgerSchema, 'What happened to the payment, in order, with the bookings and the balance after each.')
  @Fails(NotFound)
  async history(
    @Param({ schema: ofPayment }) { id }: z.output<typeof ofPayment>,
    @Query({ schema: ledgerQuery }) { asOf, limit, cursor }: z.output<typeof ledgerQuery>,
  ): Promise<z.input<typeof ledgerSchema>> {
    const payment = await this.findPayment.run(id, caller());
    const found = await this.ledger.history(payment, {
      asOf: asOf === undefined ? undefined : new Date(asOf),
      after: readCursor(cursor, z.int().min(1)) ?? 0,
      limit: limit + 1,
    });
    const { data, ...rest } = page(found, limit, (event) => event.version);
    return { data: data.map(present), ...rest };
  }
}

function present({ version, event, occurredAt, amount, balance, entries, bookingId, reference, reason }: LedgerEvent): z.input<typeof eventSchema> {
  return {
    sequence: version, event, at: occurredAt.toISOString(), amount: money(amount), balance: money(balance),
    entries: [...entries], bookingId, reference, reason,
  };
}
