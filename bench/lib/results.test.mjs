import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { benches } from '../benches.mjs';
import { Records } from './competition.mjs';
import { pageAbout } from './docs.mjs';
import { readResults, resultsOf, writeResults } from './results.mjs';
import { verdictsOn } from './targets.mjs';

const part = { name: 'only', figures: ['rate', 'delay'] };
const bench = {
  name: 'race', title: 'A race', work: 'They run.', unit: 'laps', count: 10,
  figures: {
    rate: { unit: 'laps/s', better: 'more', about: 'with a clear head' },
    delay: { unit: 'ms', better: 'less', about: 'until the start' },
    'rate-tired': { unit: 'laps/s', better: 'more', about: 'after a long day', undisturbed: 'rate' },
  },
  targets: [
    { figure: 'rate', against: ['peer', 'late'], than: 'the fastest', atLeast: 2 },
    { figure: 'rate-tired', against: ['undisturbed'], than: 'itself after a good night', atLeast: 0.96 },
    { figure: 'delay', atMost: 3.5 },
    { figure: 'rate', against: ['late'], than: 'nobody', atLeast: 1 },
  ],
  findings: 'Most of it goes into laces.',
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

test('a target is reached, missed, or was not measured', () => {
  assert.deepEqual(raced().targets.map(({ measured, isReached }) => [measured, isReached]), [['3.00× (peer)', true], ['0.95×', false], ['4 ms', false], ['–', null]]);
});

test('of several peers the one that is hardest to beat decides', () => {
  const target = { figure: 'rate', against: ['slow', 'fast'], than: 'the fastest', atLeast: 2 };
  const [verdict] = verdictsOn({ figures: {}, contenders: [], targets: [target] }, { results: [], ratios: { 'rate/slow': 7, 'rate/fast': 1.5 } });
  assert.deepEqual(verdict, { target: '`rate`, ours as a multiple of the fastest', wanted: '≥ 2×', measured: '1.50× (fast)', isReached: false });
});

test('a bench that is run again takes the place of its last results and of no other', () => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
  try {
    for (const results of [{ bench: 'one', at: 1 }, { bench: 'two', at: 1 }, { bench: 'one', at: 2 }]) writeResults(folder, results);
    assert.deepEqual(readResults(folder, ['two', 'one']), [{ bench: 'two', at: 1 }, { bench: 'one', at: 2 }]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the page is what the tool makes of the results that are there', () => {
  const results = readResults(join(import.meta.dirname, '..', 'results'), benches.map((it) => it.name));
  const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'benchmarks.md'), 'utf8');
  assert.equal(page, pageAbout(benches, results), 'npm run bench -- --docs writes docs/benchmarks.md anew');
});

test('a whole run on a machine that was busy at its start is provisional too', () => {
  const whole = (loadAtStart) => pageAbout([bench], [{ ...raced(), machine: { ...machine, laps: 10, runs: 5, loadAtStart } }]);
  assert.ok(whole(2.31).includes('**race is provisional**: 10 of 10 laps, 5 of 5 runs, at a load average of 2.31 on 2 cores'));
  assert.ok(!whole(0.5).includes('provisional'));
});

test('the page names figures, ratios, versions and reasons', () => {
  const page = pageAbout([bench], [raced()]);
  for (const expected of ['| peer | 5 (3.00×) | 6 (1.50×) | 0 |', '`peer` (peer 1.2.3): them', '`late` in `rate`, `delay`: It does not install.', 'Ours has 0.95× of `rate` in `rate-tired`.',
    '| [race](#a-race) | `rate`, ours as a multiple of the fastest | ≥ 2× | 3.00× (peer) | reached |', '| 0.95× | **missed** |', '**race is provisional**: 9 of 10 laps, 2 of 5 runs', 'Most of it goes into laces.']) {
    assert.ok(page.includes(expected), `${expected}\n\n${page}`);
  }
});
