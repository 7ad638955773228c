import { describe, expect, it } from '@jest/globals';
import { formatCount, formatPounds, parsePrice } from './pennies.js';

describe('parsePrice', () => {
  it.each([
    ['2.55', 255],
    ['2.5', 250],
    ['2', 200],
    ['0.01', 1],
    ['0.10', 10],
    ['007.00', 700],
    ['14.950', 1495],
    ['16888.02', 1_688_802],
    // In floating point these come out as 113.99999999999999 and 128.99999999999997 pennies.
    ['1.14', 114],
    ['1.29', 129],
    ['9999999999999.99', 999_999_999_999_999],
  ])('reads £%s as %i pennies', (text, pennies) => {
    expect(parsePrice(text)).toEqual({ is: 'pennies', pennies });
  });

  it.each([
    ['0', 'not-positive'],
    ['0.000', 'not-positive'],
    ['-0.001', 'not-positive'],
    ['-11062.06', 'not-positive'],
    ['0.001', 'too-fine'],
    ['2.555', 'too-fine'],
    ['', 'malformed'],
    ['NA', 'malformed'],
    ['1e3', 'malformed'],
    ['1,50', 'malformed'],
    ['£2', 'malformed'],
    ['.5', 'malformed'],
    ['5.', 'malformed'],
    ['+5', 'malformed'],
    ['1.2.3', 'malformed'],
    ['99999999999999', 'malformed'],
  ])('takes %j for %s', (text, verdict) => {
    expect(parsePrice(text)).toEqual({ is: verdict });
  });
});

describe('formatting', () => {
  it.each([
    [0, '£0.00'],
    [1, '£0.01'],
    [-1, '-£0.01'],
    [100_000, '£1,000.00'],
    [406_472_659, '£4,064,726.59'],
  ])('writes %i pennies as %s', (pennies, text) => {
    expect(formatPounds(pennies)).toBe(text);
  });

  it('sets thousands apart', () => {
    expect([0, 999, 1_000, 209_029, -1_234_567].map(formatCount)).toEqual(['0', '999', '1,000', '209,029', '-1,234,567']);
  });
});
