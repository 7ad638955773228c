import { type Money, unreachable } from '@banyan/kernel/words';
import type { News, Notification } from './notification.js';

export interface Recipient {
  readonly name: string;
  readonly email: string;
}

/** What a customer reads, on whatever way. */
export interface Letter {
  readonly subject: string;
  readonly text: string;
}

/** The news in words. It names nobody, so that a list of notifications holds no personal data. */
export function write({ news, orderId }: Pick<Notification, 'news' | 'orderId'>): Letter {
  return { subject: subjects[news.is], text: textOf(news, orderId) };
}

/** The letter as it is sent to somebody. */
export function addressed({ subject, text }: Letter, { name }: Recipient): Letter {
  return { subject, text: `Dear ${name},\n\n${text}\n\nYour Banyan shop\n` };
}

const subjects: Readonly<Record<News['is'], string>> = {
  'order-confirmed': 'Your order is confirmed',
  'order-rejected': 'Your order could not be accepted',
  'order-cancelled': 'Your order is cancelled',
  'shipment-dispatched': 'Your order is on its way',
};

function textOf(news: News, orderId: string): string {
  switch (news.is) {
    case 'order-confirmed': return `Your order ${orderId}, worth ${pounds(news.total)}, is confirmed. We write to you again when it leaves.`;
    case 'order-rejected': return `We could not accept your order ${orderId}, and you do not owe us anything for it.\nThe reason: ${news.reason.message}`;
    case 'order-cancelled': return `Your order ${orderId} is cancelled. What you have paid for it goes back to you.\nThe reason: ${news.reason.message}`;
    case 'shipment-dispatched': return `Your order ${orderId} has left, with ${news.carrier} under the number ${news.trackingNumber}.`;
    default: return unreachable(news);
  }
}

function pounds({ amount }: Money): string {
  return `£${(amount / 100).toFixed(2)}`;
}
