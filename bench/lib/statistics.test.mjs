import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, pairwiseRatio, percentile, rounded } from './statistics.mjs';

test('the median of an odd number of values is one of them, of an even number the mean of two', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([]), null);
});

test('a percentile is one of the values', () => {
  const values = Array.from({ length: 100 }, (_, i) => 100 - i);
  assert.equal(percentile(values, 0.5), 50);
  assert.equal(percentile(values, 0.99), 99);
  assert.equal(percentile([7], 0.99), 7);
  assert.equal(percentile([], 0.5), null);
});

test('a ratio pairs the runs of one round, and more than 1 is always better for us', () => {
  assert.equal(pairwiseRatio([10, 20, 90], [5, 5, 30], 'more'), 3);
  assert.equal(pairwiseRatio([2, 2, 2], [4, 6, 8], 'less'), 3);
});

test('rounds without a partner do not count, and nothing can be compared with nothing', () => {
  assert.equal(pairwiseRatio([10, null, 30], [5, 5, null], 'more'), 2);
  assert.equal(pairwiseRatio([10], [0], 'more'), null);
  assert.equal(pairwiseRatio([10], [null], 'more'), null);
});

test('figures keep four digits', () => {
  assert.equal(rounded(12345.678), 12350);
  assert.equal(rounded(0.0123456), 0.01235);
});
