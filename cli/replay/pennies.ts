/** What a decimal price in pounds comes to. */
export type Price =
  | { is: 'pennies'; pennies: number }
  | { is: 'not-positive' }
  | { is: 'too-fine' }
  | { is: 'malformed' };

// Thirteen digits of pounds are still exact as pennies; more is not a price but a mistake.
const DECIMAL = /^(-?)(\d{1,13})(?:\.(\d{1,20}))?$/;

/**
 * Reads a price in pounds as whole pennies, digit by digit: `2.55 * 100` is 254.99999999999997 in
 * floating point, and an audit to the penny cannot start from there.
 */
export function parsePrice(text: string): Price {
  const match = DECIMAL.exec(text);
  if (!match) return { is: 'malformed' };
  const [, sign = '', pounds = '', fraction = ''] = match;
  const isZero = /^0*$/.test(pounds + fraction);
  if (sign === '-' || isZero) return { is: 'not-positive' };
  const significant = fraction.replace(/0+$/, '');
  if (significant.length > 2) return { is: 'too-fine' };
  return { is: 'pennies', pennies: Number(pounds + significant.padEnd(2, '0')) };
}

/** Writes pennies as pounds for people: `£1,234.56`, `-£0.01`. */
export function formatPounds(pennies: number): string {
  const digits = String(Math.abs(pennies)).padStart(3, '0');
  const sign = pennies < 0 ? '-' : '';
  return `${sign}£${grouped(digits.slice(0, -2))}.${digits.slice(-2)}`;
}

/** Writes a whole number with thousands apart: `209,029`. */
export function formatCount(count: number): string {
  return `${count < 0 ? '-' : ''}${grouped(String(Math.abs(count)))}`;
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',');
}
