import { NotFound, cursorPage, idSchema, moneySchema } from '@banyan/kernel/contract';
import { Answers, Fails, Idempotent, Roles, SignedIn, caller, page, pageQuery, readCursor } from '@banyan/kernel/http';
import { money } from '@banyan/kernel/words';
import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { RefundExceedsCaptured } from './errors.js';
import { FindPayment } from './find-payment.js';
import { isStaff, paymentSchema, presentPayment } from './payment-view.js';
import { PaymentRepository } from './payment.repository.js';
import { RequestRefund } from './request-refund.js';

const ofPayment = z.strictObject({ id: idSchema });
const listQuery = pageQuery.extend({ orderId: idSchema.optional().describe('Only the payment of this order.') });
const refundWish = z.strictObject({ amount: moneySchema.extend({ amount: z.int().min(1).max(100_000_000_000) }) });
const refundSchema = z.strictObject({ id: idSchema, status: z.literal('pending'), amount: moneySchema });

@Controller('v1/payments')
@ApiTags('payments')
export class PaymentsController {
  constructor(
    private readonly findPayment: FindPayment,
    private readonly requestRefund: RequestRefund,
    private readonly payments: PaymentRepository,
  ) {}

  @Get()
  @SignedIn()
  @Answers(200, cursorPage(paymentSchema), 'Payments, newest first: a customer sees their own, staff see all.')
  async list(@Query({ schema: listQuery }) { orderId, limit, cursor }: z.output<typeof listQuery>) {
    const reader = caller();
    const found = await this.payments.list({
      orderId,
      customerId: isStaff(reader) ? undefined : reader.id,
      before: readCursor(cursor, idSchema),
      limit: limit + 1,
    });
    const { data, ...rest } = page(found, limit, (payment) => payment.id);
    return { data: data.map(presentPayment), ...rest };
  }

  @Get(':id')
  @SignedIn()
  @Answers(200, paymentSchema, 'The payment as it stands.')
  @Fails(NotFound)
  async show(@Param({ schema: ofPayment }) { id }: z.output<typeof ofPayment>) {
    return presentPayment(await this.findPayment.run(id, caller()));
  }

  @Post(':id/refunds')
  @Roles('staff')
  @Idempotent()
  @Answers(202, refundSchema, 'The refund is promised and will be paid out; the payment and its ledger show when.')
  @Fails(NotFound, RefundExceedsCaptured)
  async refund(
    @Param({ schema: ofPayment }) { id }: z.output<typeof ofPayment>,
    @Body({ schema: refundWish }) { amount }: z.output<typeof refundWish>,
  ): Promise<z.input<typeof refundSchema>> {
    const refund = await this.requestRefund.run(id, amount.amount);
    return { id: refund.id, status: 'pending', amount: money(refund.amount) };
  }
}
