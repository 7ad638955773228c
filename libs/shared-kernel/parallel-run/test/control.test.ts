import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { Chance, type ShadowUnderTest, newSeed } from '../../testing/index.js';
import type { ParallelRun } from '../index.js';
import { Presenter } from './till-parts.fixture.js';
import { tillWithControl } from './till-under-test.js';
import type { Planted } from './till.fixture.js';
import type { Sale } from './till-words.fixture.js';

const seed = newSeed();
/** One in twenty: after 59 comparisons without a difference it would have shown. */
const [EPSILON, ENOUGH] = [0.05, 59];
const [MOOD, DAY] = ['response/body/mood', 'response/body/soldOn'];
/** Two that draw anew so often differ in three of ten answers. */
const USUAL = 1 - Math.sqrt(0.7);
/** And who draws so often differs from those in nine of ten. */
const WORSE = 1 - 0.1 / Math.sqrt(0.7);

/** A till whose answers say how it feels: that hangs on what its process drew, and on nothing that is pinned. */
function moody(who: string, { share = USUAL, isWrongAboutFigs = false } = {}): Planted {
  const chance = new Chance(`${seed}/${who}`);
  return { instead: [[Presenter, class extends Presenter {
    override body(sale: Sale): object {
      const mood = chance.next() < share ? `mixed: ${chance.next()}` : 'fine';
      return { ...super.body(sale), mood, ...(isWrongAboutFigs && sale.sku === 'fig' && { soldOn: '1999-01-01' }) };
    }
  }]] };
}

const serves = { original: moody('original'), control: moody('control') };
const found = (run: ParallelRun) => Object.fromEntries(run.findings.map(({ field, judgement, because }) => [field, { judgement, because }]));
const check = (run: ParallelRun, name: string) => run.gate.checks.find((it) => it.name === name);

let all: ShadowUnderTest;
const sell = async (count: number, sku = 'apple'): Promise<void> => {
  for (let n = 0; n < count; n += 1) await all.context.http('POST', '/v1/sales', { body: { sku, quantity: 1, price: 100 } });
};
const played = async (): Promise<void> => { await Promise.all([all.played(), all.control.played()]); };

describe(`with a control beside, a candidate that is as noisy and wrong about figs, seed ${seed}:`, () => {
  beforeAll(async () => {
    all = await tillWithControl({ ...serves, candidate: moody('candidate', { isWrongAboutFigs: true }) });
    await Promise.all([all.begin(), all.control.begin()]);
    await all.control.interrupt();
  });
  afterAll(() => all.close());

  it('while the control was asked too seldom, all that differs is suspect, and the gate says what it waits for', async () => {
    await sell(20);
    await sell(1, 'fig');
    await all.played();
    const run = await all.judged(EPSILON);
    const suspect = { judgement: 'suspect', because: expect.stringContaining(`the old build has been asked 0 of ${ENOUGH} times`) };
    expect(found(run)).toEqual({ [MOOD]: suspect, [DAY]: suspect });
    expect(check(run, 'suspects')).toMatchObject({ ok: false, figures: { open: 2 }, explanation: expect.stringContaining(`${DAY} of POST /v1/sales (1 of 21; the control was asked 0 of ${ENOUGH} times)`) });
  });

  it('when it was asked often enough, its own noise is no finding, and what only the candidate does is one, for one strike', async () => {
    await all.control.resume();
    await sell(ENOUGH - 22);
    await played();
    const early = await all.judged(EPSILON);
    expect(found(early)).toMatchObject({ [MOOD]: { judgement: 'noisy' }, [DAY]: { judgement: 'suspect' } });
    expect(check(early, 'control')).toMatchObject({ ok: true, figures: { state: 'playing', behind: 0, compared: ENOUGH - 1, waiting: 1 } });

    await sell(1);
    await played();
    const run = await all.judged(EPSILON);
    expect(found(run)).toMatchObject({ [MOOD]: { judgement: 'noisy' }, [DAY]: { judgement: 'finding', because: expect.stringContaining(`the old build never differed from itself in ${ENOUGH}`) } });
    expect(check(run, 'suspects')).toMatchObject({ ok: true, figures: { open: 0 } });
    expect(check(run, 'findings')).toMatchObject({ ok: false, explanation: expect.stringContaining(`${DAY} of POST /v1/sales (1 of ${ENOUGH})`) });
    expect(check(run, 'comparisons')).toMatchObject({ ok: true, figures: { required: ENOUGH, fewest: ENOUGH } });
  });

  it('inputs that the control left out are not held against the candidate', async () => {
    await all.control.interrupt();
    await sell(50);
    await all.played();
    await playedAndNotNoted();
    await all.control.resume();
    await sell(1);
    await played();
    const run = await all.judged(EPSILON);
    expect(run.control?.applied).toBeGreaterThanOrEqual(50);
    expect(found(run)[MOOD]).toMatchObject({ judgement: 'noisy' });
    expect(run.gate.score).toBeGreaterThan(0.98);
  });
});

describe(`with a control beside, a candidate that is noisier, seed ${seed}:`, () => {
  beforeAll(async () => {
    all = await tillWithControl({ ...serves, candidate: moody('candidate', { share: WORSE }) });
    await all.control.begin();
  });
  afterAll(() => all.close());

  it('noise that the control showed before the candidate came is known to be noise', async () => {
    await sell(ENOUGH);
    await all.control.played();
    await all.control.interrupt();
    await all.begin();
    await sell(10);
    await all.played();
    expect(found(await all.judged(EPSILON))).toMatchObject({ [MOOD]: { judgement: 'noisy' } });
  });

  it('the candidate is found, by evidence', async () => {
    await all.control.resume();
    await sell(120);
    await played();
    const run = await all.judged(EPSILON);
    expect(found(run)).toMatchObject({ [MOOD]: { judgement: 'finding', because: expect.stringContaining('which is no chance any more') } });
    expect(check(run, 'findings')).toMatchObject({ ok: false, figures: { open: 1 } });
  });

  it('a control that has ended holds the gate only while something waits for it', async () => {
    await all.control.interrupt();
    await all.context.storage.query(`UPDATE parallel_run.run SET state = 'ended', trouble = 'Its machine is away.' WHERE purpose = 'control'`);
    expect(check(await all.judged(EPSILON), 'control')).toMatchObject({ ok: true, figures: { waiting: 0 } });
    await all.context.http('GET', '/v1/sales?limit=2');
    await all.played();
    expect(check(await all.judged(EPSILON), 'control')).toMatchObject({ ok: false, explanation: expect.stringContaining('The control has ended: Its machine is away., and 1 difference waits for it') });
  });
});

/** As the control's copy is when its process died after it had played what there is, and before it had noted that. */
async function playedAndNotNoted(): Promise<void> {
  const [last] = await all.context.storage.query<{ position: number }>('SELECT max(position)::int AS position FROM till.tape');
  const url = new URL(all.context.storage.url);
  url.pathname = new URL(all.control.copyUrl).pathname;
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query('INSERT INTO till.played SELECT generate_series(1, $1::int) ON CONFLICT DO NOTHING', [last?.position ?? 0]).finally(() => client.end());
}
