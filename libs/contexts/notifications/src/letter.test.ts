import { money } from '@banyan/kernel/words';
import { describe, expect, it } from '@jest/globals';
import { addressed, write } from './letter.js';
import type { News } from './notification.js';

const orderId = '01890000-0000-7000-8000-000000000001';
const reason = { code: 'out-of-stock', message: 'Not enough of A-1.' };

describe('a letter', () => {
  it.each<[News, string, RegExp]>([
    [{ is: 'order-confirmed', total: money(1_205) }, 'Your order is confirmed', /worth £12\.05/],
    [{ is: 'order-rejected', reason }, 'Your order could not be accepted', /Not enough of A-1\./],
    [{ is: 'order-cancelled', reason }, 'Your order is cancelled', /goes back to you/],
    [{ is: 'shipment-dispatched', carrier: 'Royal Mail', trackingNumber: 'RM-1' }, 'Your order is on its way', /with Royal Mail under the number RM-1/],
  ])('tells of $is', (news, subject, text) => {
    const letter = write({ news, orderId });
    expect(letter).toEqual({ subject, text: expect.stringMatching(text) });
    expect(letter.text).toContain(orderId);
  });

  it('names its reader only once it is addressed', () => {
    const letter = write({ news: { is: 'order-confirmed', total: money(100) }, orderId });
    expect(letter.text).not.toContain('Mary');
    expect(addressed(letter, { name: 'Mary', email: 'mary@example.org' }).text).toMatch(/^Dear Mary,\n\nYour order/);
  });
});
