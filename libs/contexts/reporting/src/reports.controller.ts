import { InvalidInput, NotFound, idSchema, isoDate, isoInstant, moneySchema } from '@banyan/kernel/contract';
import { Answers, Fails, Roles, SignedIn, caller } from '@banyan/kernel/http';
import { money } from '@banyan/kernel/words';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { type OrderReport, OrderReportRepository } from './order-report.repository.js';
import { type SalesDay, SalesRepository } from './sales.repository.js';

const salesQuery = z.strictObject({ from: isoDate.optional(), to: isoDate.optional() });
const salesSchema = z.strictObject({
  data: z.array(z.strictObject({ date: isoDate, orders: z.int(), units: z.int(), revenue: moneySchema, refunds: moneySchema })),
});
const orderParams = z.strictObject({ id: idSchema });
const orderReportSchema = z.strictObject({
  id: idSchema,
  customer: z.strictObject({ id: z.string(), name: z.string().nullable(), email: z.string().nullable() }),
  status: z.string(),
  placedAt: isoInstant,
  total: moneySchema,
  units: z.int(),
  payment: z.strictObject({ id: idSchema, status: z.string(), authorized: moneySchema, captured: moneySchema, refunded: moneySchema }).nullable(),
  shipment: z.strictObject({ id: idSchema, status: z.string(), carrier: z.string(), trackingNumber: z.string() }).nullable(),
});

@Controller('v1/reports')
@ApiTags('reporting')
export class ReportsController {
  constructor(private readonly sales: SalesRepository, private readonly orders: OrderReportRepository) {}

  @Get('sales')
  @Roles('staff')
  @Answers(200, salesSchema, 'Sales by the UTC day the orders were placed on, refunds by the day they were booked on; `to` is exclusive. Days without either are left out.')
  async salesByDay(@Query({ schema: salesQuery }) { from, to }: z.output<typeof salesQuery>) {
    if (from !== undefined && to !== undefined && from > to) {
      throw new InvalidInput('The range ends before it begins.', {}, [{ path: '?to', message: 'Lies before `from`.' }]);
    }
    return { data: (await this.sales.days(from, to)).map(presentDay) };
  }

  @Get('orders/:id')
  @SignedIn()
  @Answers(200, orderReportSchema, 'One order with its customer, its payment, and its shipment once that has left. It follows the events, so it may lag a moment behind.')
  @Fails(NotFound)
  async order(@Param({ schema: orderParams }) { id }: z.output<typeof orderParams>) {
    const report = await this.orders.find(id);
    const reader = caller();
    if (!report || (report.customer_id !== reader.id && !reader.roles.includes('staff'))) {
      throw new NotFound(`There is no report on order ${id}. If the order is new, ask again in a moment.`);
    }
    return presentReport(report);
  }
}

function presentDay(day: SalesDay) {
  return { date: day.date, orders: day.orders, units: day.units, revenue: money(day.revenue), refunds: money(day.refunds) };
}

function presentReport(row: OrderReport): z.output<typeof orderReportSchema> {
  return {
    id: row.order_id,
    customer: { id: row.customer_id, name: row.customer_name, email: row.customer_email },
    status: row.status,
    placedAt: row.placed_at.toISOString(),
    total: money(row.total),
    units: row.units,
    payment: presentPayment(row),
    shipment: presentShipment(row),
  };
}

function presentPayment(row: OrderReport): z.output<typeof orderReportSchema>['payment'] {
  if (row.payment_id === null || row.payment_status === null) return null;
  return {
    id: row.payment_id, status: row.payment_status,
    authorized: money(row.authorized), captured: money(row.captured), refunded: money(row.refunded),
  };
}

function presentShipment(row: OrderReport): z.output<typeof orderReportSchema>['shipment'] {
  if (row.shipment_id === null || row.shipment_status === null || row.carrier === null || row.tracking_number === null) return null;
  return { id: row.shipment_id, status: row.shipment_status, carrier: row.carrier, trackingNumber: row.tracking_number };
}
