import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Records } from './competition.mjs';
import { pageAbout } from './docs.mjs';
import { resultsOf } from './results.mjs';

const part = { name: 'only', figures: ['rate', 'delay'] };
const bench = {
  name: 'race', title: 'A race', work: 'They run.', unit: 'laps',
  figures: {
    rate: { unit: 'laps/s', better: 'more', about: 'with a clear head' },
    delay: { unit: 'ms', better: 'less', about: 'until the start' },
    'rate-tired': { unit: 'laps/s', better: 'more', about: 'after a long day', undisturbed: 'rate' },
  },
  contenders: [{ name: 'ours', about: 'us', packages: [], ours: true }, { name: 'peer', about: 'them', packages: ['peer'] }, { name: 'late', about: 'nobody', packages: [] }],
};
const machine = { cpu: 'a CPU', cores: 2, memoryGiB: 4, os: 'os', node: '24', postgres: '18', commit: 'abc', loadAtStart: 0, laps: 9, runs: 2, peers: { peer: '1.2.3' } };

function raced() {
  const records = new Records();
  records.note('ours', 1, { rate: 10, delay: 4, 'rate-tired': 9 });
  records.note('peer', 1, { rate: 5, delay: 8 });
  records.note('ours', 2, { rate: 20, delay: 4, 'rate-tired': 20 });
  records.note('peer', 2, { rate: 5, delay: 4, 'rate-tired': 0 }, 'stalled after 3 laps');
  records.fail('late', part, 'It does not install.');
  return resultsOf(bench, records, bench.contenders, machine, () => true);
}

test('results hold every run, and ratios are more than 1 where ours is better', () => {
  const { results, ratios } = raced();
  assert.deepEqual(results.find((it) => it.name === 'rate/ours'), { name: 'rate/ours', unit: 'laps/s', median: 15, min: 10, max: 20, runs: [10, 20] });
  assert.deepEqual(ratios, { 'rate/peer': 3, 'delay/peer': 1.5, 'rate-tired/undisturbed': 0.95 });
});

test('who failed is there with the reason and without a figure, who stalled with a 0', () => {
  const { results } = raced();
  assert.deepEqual(results.find((it) => it.name === 'rate/late'), { name: 'rate/late', unit: 'laps/s', median: null, min: null, max: null, runs: [], note: 'It does not install.' });
  const stalled = results.find((it) => it.name === 'rate-tired/peer');
  assert.deepEqual([stalled.median, stalled.note], [0, 'stalled after 3 laps']);
});

test('the page names figures, ratios, versions and reasons', () => {
  const page = pageAbout([bench], [raced()]);
  for (const expected of ['| peer | 5 (3.00×) | 6 (1.50×) | 0 |', '`peer` (peer 1.2.3): them', '`late` in `rate`, `delay`: It does not install.', 'Ours has 0.95× of `rate` in `rate-tired`.']) {
    assert.ok(page.includes(expected), `${expected}\n\n${page}`);
  }
});
