/** ISO 4217 code. The shop trades in one currency; adding another means deciding about exchange first. */
export type Currency = 'GBP';

/** An amount in integer minor units (pence), never a fraction. */
export interface Money {
  readonly amount: number;
  readonly currency: Currency;
}

/**
 * Makes a Money value.
 * @param amount integer minor units
 * @throws RangeError when the amount is not a safe integer
 */
export function money(amount: number, currency: Currency = 'GBP'): Money {
  if (!Number.isSafeInteger(amount)) {
    throw new RangeError(`${amount} is not a whole number of minor units that can be held exactly.`);
  }
  return { amount, currency };
}

export function addMoney(a: Money, b: Money): Money {
  return money(a.amount + b.amount, a.currency);
}

export function subtractMoney(a: Money, b: Money): Money {
  return money(a.amount - b.amount, a.currency);
}

export function multiplyMoney(price: Money, quantity: number): Money {
  return money(price.amount * quantity, price.currency);
}

export function sumMoney(values: readonly Money[], currency: Currency = 'GBP'): Money {
  return values.reduce(addMoney, money(0, currency));
}
