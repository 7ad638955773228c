import { describe, expect, it } from '@jest/globals';
import { firstCounts } from './field-counts.js';
import { type Gate, type GateInput, gate } from './gate.js';
import { judgeField } from './judge-field.js';
import { NEVER_COMPARED, type Waiver, problemsOfWaiver, waiverFor } from './waivers.js';

const at = new Date('2026-05-01T12:00:00Z');
const waiver: Waiver = { field: 'rows/payment/*', owner: 'team-money', reason: 'Rounded since v2.', expires: '2026-06-01T00:00:00Z' };
const finding = { endpoint: 'POST /v1/payments', field: 'rows/payment/amount', verdict: judgeField({ ...firstCounts(1, { comparisons: 9_999, control: 0 }), comparisons: 10_000, differed: 2 }, { hasControl: false }) };
const suspect = { ...finding, verdict: judgeField({ ...firstCounts(1, { comparisons: 99, control: 10 }), differed: 1 }, { hasControl: true }) };
const cell = { endpoint: 'POST /v1/payments', outcome: '201', writes: true, recorded: 4_000, compared: 4_000 };

const latency = { slowMs: 20, pairs: 3_000, candidateOnly: 10, primaryOnly: 12, both: 3 };
const good: GateInput = {
  coverage: [cell, { ...cell, endpoint: 'GET /v1/payments/{id}', outcome: '200', writes: false, recorded: 7, compared: 7 }],
  contract: [{ endpoint: 'POST /v1/payments', outcomes: ['201'] }, { endpoint: 'GET /v1/payments/{id}', outcomes: ['200'] }],
  fields: [], waivers: [], at, latency,
};
const holding = ({ checks }: Gate): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const check = (input: GateInput, name: string) => gate(input).checks.find((it) => it.name === name);

describe('the gate', () => {
  it('opens when everything is known and nothing speaks against it', () => {
    expect(gate(good)).toMatchObject({ opens: true, score: 1 });
    expect(gate(good).checks.map(({ name }) => name)).toEqual(['findings', 'suspects', 'waivers', 'comparisons', 'coverage', 'latency']);
  });

  it('holds when nothing is known at all', () => {
    const empty = gate({ coverage: [], contract: [], fields: [], waivers: [], at, latency: { slowMs: Infinity, pairs: 0, candidateOnly: 0, primaryOnly: 0, both: 0 } });
    expect([empty.opens, empty.score, holding(empty)]).toEqual([false, 0, ['comparisons', 'coverage', 'latency']]);
  });

  it('holds for a finding, and for a suspect, and names them', () => {
    expect(holding(gate({ ...good, fields: [finding] }))).toEqual(['findings']);
    expect(check({ ...good, fields: [finding] }, 'findings')?.explanation).toContain('rows/payment/amount of POST /v1/payments (2 of 10000)');
    expect(holding(gate({ ...good, fields: [suspect] }))).toEqual(['suspects']);
  });

  it('opens for a noisy field', () => {
    const verdict = judgeField({ ...firstCounts(1, { comparisons: 5_000, control: 5_000 }), differed: 9, controlDiffered: 9, candidateOnly: 9, controlOnly: 9 }, { hasControl: true });
    expect(gate({ ...good, fields: [{ ...finding, verdict }] })).toMatchObject({ opens: true, score: 1 });
  });

  it('holds until every endpoint and outcome that writes was compared often enough, and says how often that is', () => {
    const declined = { ...cell, outcome: 'card-declined', recorded: 12, compared: 12 };
    expect(holding(gate({ ...good, coverage: [...good.coverage, declined] }))).toEqual(['comparisons']);
    expect(check({ ...good, coverage: [...good.coverage, declined] }, 'comparisons')).toMatchObject({ figures: { required: 2_995, fewest: 12, cells: 2, short: 1 } });
    expect(check({ ...good, coverage: [...good.coverage, declined] }, 'comparisons')?.explanation).toContain('POST /v1/payments → card-declined has 12');
    expect(gate({ ...good, coverage: [...good.coverage, { ...declined, compared: 300 }], epsilon: 0.01 }).opens).toBe(true);
  });

  it('asks as many comparisons of reads where nothing writes', () => {
    expect(holding(gate({ ...good, coverage: good.coverage.map((it) => ({ ...it, writes: false })) }))).toEqual(['comparisons']);
  });

  it('holds for what the contract promises or the tape holds and nobody compared', () => {
    const promised = [...good.contract, { endpoint: 'payments.refund-payment', outcomes: ['ok'] }];
    expect(check({ ...good, contract: promised }, 'coverage')).toMatchObject({ ok: false, explanation: expect.stringContaining('payments.refund-payment → ok') });
    const recorded = [...good.coverage, { ...cell, outcome: '404', writes: false, recorded: 1, compared: 0 }];
    expect(holding(gate({ ...good, coverage: recorded }))).toEqual(['coverage']);
  });

  it('asks for an endpoint in whatever outcome where the contract names none, and for durations only where there are some', () => {
    const { latency: _durations, ...without } = good;
    const promised = [{ endpoint: 'POST /v1/payments', outcomes: [] }, { endpoint: 'payments.refund-payment', outcomes: [] }];
    const holds = gate({ ...without, contract: promised });
    expect([holding(holds), holds.checks.map(({ name }) => name).includes('latency')]).toEqual([['coverage'], false]);
    expect(gate({ ...without, contract: promised.slice(0, 1) }).opens).toBe(true);
  });

  it('holds for latency that is worse or not known', () => {
    expect(holding(gate({ ...good, latency: { ...latency, candidateOnly: 60 } }))).toEqual(['latency']);
    expect(holding(gate({ ...good, latency: { ...latency, pairs: 100 } }))).toEqual(['latency']);
  });
});

describe('a waiver', () => {
  it('opens the gate and lowers the score', () => {
    const waived = gate({ ...good, fields: [finding], waivers: [waiver] });
    expect(waived.opens).toBe(true);
    expect(waived.score).toBeCloseTo(1 - 2 / 4_007, 9);
    expect(check({ ...good, fields: [finding], waivers: [waiver] }, 'waivers')).toMatchObject({ ok: true, figures: { inForce: 1, expired: 0, waivedFields: 1, waivedDifferences: 2 }, explanation: expect.stringContaining('team-money') });
  });

  it('does nothing once it has expired, nor for other fields and endpoints', () => {
    const late = { ...waiver, expires: '2026-05-01T12:00:00Z' };
    for (const it of [late, { ...waiver, field: 'rows/refund/*' }, { ...waiver, endpoint: 'GET /v1/payments' }]) {
      expect(holding(gate({ ...good, fields: [finding], waivers: [it] }))).toEqual(['findings']);
    }
    expect(waiverFor([late, waiver], finding, at)).toBe(waiver);
  });

  it('of all fields says nothing of what was never compared: for that somebody answers by name', () => {
    for (const field of ['*', '**', 'c*']) expect(waiverFor([{ ...waiver, field }], { endpoint: 'payments.refund-payment', field: NEVER_COMPARED }, at)).toBeUndefined();
    const byName = { ...waiver, field: NEVER_COMPARED, endpoint: 'payments.refund-payment' };
    expect(waiverFor([byName], { endpoint: 'payments.refund-payment', field: NEVER_COMPARED }, at)).toBe(byName);
  });

  it('needs a field, an owner, a reason and an end in the future', () => {
    expect(problemsOfWaiver(waiver, at)).toEqual([]);
    expect(problemsOfWaiver({ field: 'row/x', owner: '', reason: ' ', expires: 'soon' }, at)).toHaveLength(4);
  });
});
