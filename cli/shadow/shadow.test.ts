import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Findings, PARALLEL_RUN, RunStore, parallelRunMigrations } from '@banyan/kernel/parallel-run';
import { type Database, openDatabase, provisionContext } from '@banyan/kernel/persistence';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { CommanderError } from 'commander';
import { type ShopUnderTest, openShop } from '../../apps/monolith/test/shop.js';
import { stageCommand } from '../stage/index.js';
import { paired } from './pair.js';
import { shadowCommand } from './index.js';

const CURSOR = { seen: '1:1:', upto: null, after: '0' };
const NONE = { applied: 0, skipped: 0, undecided: 0, unanswered: 0, dropped: 0 };
const LATENCY = { slowMs: 20, pairs: 100, candidateOnly: 1, primaryOnly: 1, both: 0 };
const ENDPOINT = 'payments.capture-payment';
const FIELD = 'rows/ledger_entry/debit';
/** What a shop could be sent by somebody who does not wish it well. */
const EVIL = '</td><script>alert(1)</script>';

describe('npx banyan shadow', () => {
  let house: ShopUnderTest;
  let folder: string;
  let database: Database;
  let store: RunStore;
  let run: string;
  beforeAll(async () => {
    house = await openShop();
    folder = await mkdtemp(join(tmpdir(), 'banyan-shadow-'));
    await writeFile(join(folder, 'operator.json'), JSON.stringify(house.monolith.operator));
    Object.assign(process.env, { DATA_DIR: folder, BANYAN_URL: house.monolith.url });
    const { url } = await provisionContext({ adminUrl: house.storage.url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
    database = await openDatabase({ context: PARALLEL_RUN, url, poolSize: 2, applicationName: 'test' });
    store = new RunStore(database);
  }, 60_000);
  afterAll(async () => {
    for (const name of ['DATA_DIR', 'BANYAN_URL']) delete process.env[name];
    process.exitCode = undefined;
    await database.close();
    await house.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(async () => {
    process.exitCode = undefined;
    run = await store.begin({ context: 'payments', purpose: 'shadow', keys: {}, snapshot: '1:1:' });
  });

  /** Runs a command as a person types it; answers with what it prints. @throws what ends it with another exit code than 0 */
  async function banyan(...[verb = '', ...words]: string[]): Promise<string> {
    const printed: string[] = [];
    const out = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    const err = jest.spyOn(process.stderr, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    try {
      const command = verb === 'stage' ? stageCommand() : shadowCommand();
      for (const it of [command, ...command.commands]) it.exitOverride();
      await command.parseAsync(verb === 'stage' ? words : [verb, ...words], { from: 'user' });
    } catch (error) {
      // What commander found wrong it has said; what a verb did, the program says.
      throw error instanceof CommanderError ? new Error(`exit ${error.exitCode}: ${printed.join('')}${error.code.startsWith('commander.') ? '' : error.message}`) : error;
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
    return printed.join('');
  }

  const tape = (text: string) => ({ text });
  async function compared(count: number, endpoint = ENDPOINT, by = run): Promise<void> {
    const covered = [{ endpoint, outcome: 'captured', compared: count, equal: count, wrote: count }, { endpoint: 'GET /v1/payments/:id', outcome: '200', compared: 3, equal: 3, wrote: 0 }];
    await store.note(by, CURSOR, { covered, mismatches: [], tapes: [], leftOut: [], reachedAt: new Date(), latency: LATENCY, counts: { ...NONE, undecided: 2 } }, 0);
  }
  /** One input that the candidate did differently, in a run. @returns the input's name */
  async function differed(to = run, input: string = randomUUID(), text = 'order'): Promise<string> {
    const mismatch = {
      endpoint: ENDPOINT, run: input, isStated: true, primary: { rows: [{ row: { debit: 2500, text } }] }, candidate: { rows: [{ row: { debit: 2499, text } }] },
      input: { occasion: { kind: 'command' as const, name: ENDPOINT, given: { text } }, pinned: { inputId: input, at: new Date(), correlationId: 'c', causationId: 'c', traceparent: 't' } },
      differences: [{ output: 'rows' as const, kind: 'payload' as const, field: FIELD, primary: 2500, candidate: 2499 }],
    };
    const covered = [{ endpoint: ENDPOINT, outcome: 'captured', compared: 1, equal: 0, wrote: 1 }];
    await store.note(to, CURSOR, { covered, mismatches: [mismatch], tapes: [], leftOut: [], reachedAt: new Date(), latency: LATENCY, counts: NONE }, 0);
    return input;
  }
  const idOf = async () => (JSON.parse(await banyan('report', 'payments', '--json')) as { findings: { id: string }[] }).findings[0]?.id ?? '';

  it('says what to start while nothing was compared, and exits 1', async () => {
    expect(await banyan('report', 'catalog')).toContain('npx banyan stage catalog shadow');
    expect(process.exitCode).toBe(1);
  });

  it('reports what was compared, what not and why, how much is missing, and what to do', async () => {
    await compared(2_000);
    const text = await banyan('report', 'payments');
    expect(text).toContain('payments: the gate is closed, score 100 %');
    expect(text).toMatch(/payments\.capture-payment +captured +2000 +2000 +995 more needed/);
    expect(text).toMatch(/GET \/v1\/payments\/:id +200 +3 +3 +it only reads/);
    expect(text).toContain('Never compared: payments.authorize-payment');
    expect(text).toMatch(/2 {2}reads could have seen several states/);
    expect(text).toContain('Nothing was done differently.');
    expect(text).toContain('✖ comparisons (required 2995');
    expect(process.exitCode).toBe(1);
  });

  it('tells a finding, shows its pair, and writes a test of it once its tape is there', async () => {
    await compared(10);
    const input = await differed();
    await differed();
    expect(await banyan('report', 'payments')).toContain(`finding: ${FIELD} of ${ENDPOINT} (payload), 2 times`);
    const id = await idOf();
    const shown = await banyan('show', id.slice(0, 8));
    expect(shown).toContain(`${FIELD} (payload): 2500 → 2499`);
    expect(shown).toMatch(/≠ +"debit": 2500,? +│ +"debit": 2499/);
    const out = join(folder, 'a.test.ts');
    await expect(banyan('export', id, '--out', out)).rejects.toThrow('is not known yet');
    await database.query(`UPDATE finding SET sample = jsonb_set(sample, '{tape}', $2) WHERE run = $1 AND sample->>'run' = $3`, [run, JSON.stringify(tape('*/ `${evil}`')), input]);
    await banyan('export', id, '--out', out);
    const written = await readFile(out, 'utf8');
    expect(written).toContain(`import { payments } from '@banyan/payments';`);
    expect(written).toContain('expect(await replayed(payments, tape())).toEqual([]);');
    expect(await banyan('show')).toBe(await banyan('show', id));
    await expect(banyan('show', 'ffffffff')).rejects.toThrow('There is no finding ffffffff');
  });

  it('writes one page that asks nobody for anything and takes nothing that came in for markup', async () => {
    await compared(10);
    await differed(run, randomUUID(), EVIL);
    const file = join(folder, 'report.html');
    await banyan('report', 'payments', '--html', file);
    const page = await readFile(file, 'utf8');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|\bhref=|url\(|@import/i);
    expect(page).toMatch(/<tr class="differs"><td> *&quot;debit&quot;: 2500,?<\/td><td> *&quot;debit&quot;: 2499,?<\/td><\/tr>/);
  });

  it('lets somebody answer for a difference until a day, and no longer', async () => {
    await compared(10);
    await differed();
    const id = await idOf();
    await expect(banyan('waive', id, '--owner', 'team-money', '--expires', '1d')).rejects.toThrow(/^exit 2: error: Say who[^\n]*$/);
    await expect(banyan('waive', '--owner', 'team-money', '--reason', 'agreed', '--expires', '1d')).rejects.toThrow(/^exit 2: error: Say which finding[^\n]*$/);
    await expect(banyan('waive', id, '--owner', 'team-money', '--reason', 'agreed', '--expires', '2099-02-31')).rejects.toThrow('exit 1: error: option');
    await expect(banyan('waive', id, '--owner', 'team-money', '--reason', 'agreed', '--expires', '2020-01-01T00:00:00Z')).rejects.toThrow('expire in the future');
    await banyan('waive', id, '--owner', 'team-money', '--reason', 'agreed', '--expires', '1d');
    const text = await banyan('report', 'payments');
    expect(text).toContain(`waived: ${FIELD}`);
    expect(text).toContain('✔ findings (open 0)');
    expect(text).toMatch(/✔ waivers \(inForce 1, .*waivedDifferences 1, score 92\.857 %\)/);
    const [, waiver = ''] = /^(\S+) +rows\/ledger_entry\/debit +payments\.capture-payment +team-money/m.exec(await banyan('waive')) ?? [];
    await banyan('waive', '--end', waiver);
    expect(await banyan('report', 'payments')).toContain('✖ findings (open 1)');
    const { data: [entry] } = (await house.shop.send('GET', '/ops/v1/findings/waivers?context=payments', { token: house.shop.staff.token })).body;
    expect(entry).toMatchObject({ id: waiver, isInForce: false, owner: 'team-money', reason: 'agreed', actor: expect.stringMatching(/^[0-9a-f-]{36}$/), endedBy: entry.actor });
  });

  it('takes for noise what the old build does too, and is not sure before that was asked often enough', async () => {
    const control = await store.begin({ context: 'payments', purpose: 'control', keys: {}, snapshot: '1:1:' });
    await compared(10);
    const input = await differed();
    await compared(5, ENDPOINT, control);
    expect(await banyan('report', 'payments')).toContain('suspect: ');
    const content = await banyan('report', 'payments', '--epsilon', '0.5');
    for (const it of ['finding: ', '✖ findings (open 1)', '✔ suspects (open 0)']) expect(content).toContain(it);
    await differed(control, input);
    expect(await banyan('report', 'payments')).toContain('Is the control the build that serves?');
    await differed(control);
    await differed();
    const text = await banyan('report', 'payments');
    expect(text).toContain('noisy: ');
    expect(text).toContain('A control (the old build) is playing beside it, to tell noise from change: 10 inputs compared');
    await store.end('payments', 'control');
  });

  it('keeps a context in shadow while its gate is closed, and lets it go by the share that somebody accepts, which the journal keeps', async () => {
    const stage = async (...words: string[]) => banyan('stage', 'payments', ...words, '--reason', 'a test');
    await house.storage.query(`INSERT INTO facade.stage (context, stage, percent, epoch, salt) VALUES ('payments', 'shadow', 0, 1, 'salt') ON CONFLICT (context) DO UPDATE SET stage = 'shadow'`);
    const all = ['payments.authorize-payment', 'payments.capture-payment', 'payments.cancel-payment', 'payments.settle-cancellation', 'payments.settle-refund', 'payments.credit-customer', 'POST /v1/payments/:id/refunds'];
    for (const endpoint of all.slice(1)) await compared(100, endpoint);
    const closed = await banyan('stage', 'payments', 'canary', '--percent', '1', '--epsilon', '0.05', '--reason', 'a test', '--dry-run');
    expect(closed).toContain('Never compared: payments.authorize-payment');
    await banyan('waive', '--uncovered', 'payments.authorize-payment', '--owner', 'team-money', '--reason', 'tried by hand', '--expires', '1h');
    expect(await banyan('report', 'payments', '--epsilon', '0.05')).toContain('the gate is open');
    const [, waiver = ''] = /^(\S+) +coverage +payments\.authorize-payment/m.exec(await banyan('waive')) ?? [];
    await banyan('waive', '--end', waiver);
    expect(await banyan('report', 'payments', '--epsilon', '0.05')).toContain('the gate is closed');
    await compared(100, all[0]);
    process.exitCode = undefined;
    expect(await banyan('report', 'payments', '--epsilon', '0.05')).toContain('the gate is open');
    expect(process.exitCode).toBeUndefined();
    await expect(stage('canary', '--percent', '1')).rejects.toThrow('fewer than the 2995 comparisons');
    const { body: { data: [run_] } } = await house.shop.send('GET', '/ops/v1/parallel-runs?context=payments&epsilon=0.05', { token: house.shop.staff.token });
    expect(run_).toMatchObject({ uncovered: [], required: 59, epsilon: 0.05, gate: { isOpen: true, score: 1 } });
    const checks = (await house.shop.send('POST', '/ops/v1/stages/payments', { token: house.shop.staff.token, body: { stage: 'canary', percent: 1, epsilon: 0.05, reason: 'a test', dryRun: true } })).body.checks as { name: string; ok: boolean; figures: object }[];
    expect(checks.find(({ name }) => name === 'comparisons')).toMatchObject({ ok: true, figures: { required: 59, epsilon: 0.05, fewest: 100 } });
    expect(checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['broker', 'instances']);
    await store.end('payments', 'shadow');
    expect((await new Findings(database, () => []).gateOf('payments')).checks[0]).toMatchObject({ name: 'shadow', ok: false, explanation: expect.stringContaining('has ended') });
    await stage('embedded');
  });

  it('is for operators, page by page, run by run', async () => {
    await compared(10);
    await differed();
    const customer = await house.shop.customer();
    for (const path of ['/ops/v1/findings', '/ops/v1/parallel-runs', '/ops/v1/findings/waivers']) expect((await house.shop.send('GET', path, { token: customer.token })).status).toBe(403);
    const asked = async (query: string) => (await house.shop.send('GET', `/ops/v1/findings?${query}`, { token: house.shop.staff.token })).body;
    expect(await asked(`run=${run}&limit=1`)).toMatchObject({ data: [{ run, judgement: 'finding', endpoint: ENDPOINT }], hasMore: false });
    expect((await asked(`run=${run}&judgement=noisy`)).data).toEqual([]);
    expect((await asked(`run=${randomUUID()}`)).data).toEqual([]);
  });
});

describe('a pair', () => {
  it('has beside each other what is the same, also behind what only one side has', () => {
    const lines = paired({ a: 1, gone: true, z: 3 }, { a: 1, z: 4 });
    expect(lines.map((it) => [it.primary?.trim(), it.candidate?.trim(), it.isSame])).toEqual([
      ['{', '{', true], ['"a": 1,', '"a": 1,', true], ['"gone": true,', '"z": 4', false], ['"z": 3', undefined, false], ['}', '}', true]]);
  });
});
