import { money } from '@banyan/kernel/words';
import { describe, expect, it } from '@jest/globals';
import { OrderNotCancellable, OrderTooLarge } from './errors.js';
import { type Order, cancelled, confirm, endUnserved, placeOrder, requestCancellation, totalOf, unitsOf } from './order.js';

const at = new Date('2011-01-04T10:00:00.000Z');
const later = new Date('2011-01-04T10:00:05.000Z');
const line = (quantity: number, pence: number) => ({ sku: 'A', quantity, unitPrice: money(pence) });

function pending(): Order {
  return placeOrder({ id: '1', customerId: 'c', placedAt: at, paymentMethod: 'test-card', lines: [line(2, 150), line(1, 50)] }, at);
}

describe('an order', () => {
  it('is worth all of its lines together', () => {
    expect(pending().total).toEqual(money(350));
    expect(unitsOf(pending().lines)).toBe(3);
  });

  it('may be worth a billion pounds, and not a penny more', () => {
    expect(totalOf([line(100, 1_000_000_000)])).toEqual(money(100_000_000_000));
    expect(() => totalOf([line(100, 1_000_000_000), line(1, 1)])).toThrow(OrderTooLarge);
    expect(() => totalOf(Array.from({ length: 2_000 }, () => line(1_000_000, 1_000_000_000)))).toThrow(OrderTooLarge);
  });

  it('remembers its way', () => {
    expect(confirm(pending(), later).history).toEqual([
      { status: 'pending', at: '2011-01-04T10:00:00.000Z' }, { status: 'confirmed', at: '2011-01-04T10:00:05.000Z' },
    ]);
  });

  it('whose checkout is refused ends rejected, with the reason', () => {
    const reason = { code: 'card-declined', message: 'No.' };
    expect(endUnserved(pending(), reason, later)).toMatchObject({ status: 'rejected', reason, history: [{}, { status: 'rejected', reason }] });
  });
});

describe('a wish to cancel', () => {
  it('leaves a pending order pending until its checkout turns back; then it ends cancelled, whatever the checkout says', () => {
    const wished = requestCancellation(pending(), 'Changed my mind.', later);
    expect(wished).toMatchObject({ status: 'pending', cancellation: { code: 'cancelled', message: 'Changed my mind.' } });
    expect(endUnserved(wished, { code: 'out-of-stock', message: 'None left.' }, later)).toMatchObject({
      status: 'cancelled', reason: { code: 'cancelled', message: 'Changed my mind.' },
    });
  });

  it('counts once, however often it is made', () => {
    const wished = requestCancellation(confirm(pending(), later), 'First.', later);
    expect(requestCancellation(wished, 'Second.', later)).toBe(wished);
  });

  it('comes too late for an order that has ended', () => {
    const over = cancelled(requestCancellation(confirm(pending(), later), 'First.', later), later);
    expect(() => requestCancellation(over, 'Again.', later)).toThrow(OrderNotCancellable);
    expect(() => requestCancellation(endUnserved(pending(), { code: 'x', message: 'x' }, later), 'Late.', later)).toThrow(/rejected already/);
  });
});
