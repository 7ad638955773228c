import { beforeEach, describe, expect, it } from '@jest/globals';
import { Internal, NotFound } from '../contract/index.js';
import { Metrics, readMetrics } from '../observability/index.js';
import { runInput } from '../runtime/index.js';
import { complaintsAbout } from '../testing/index.js';
import { MeasuredTransport, type Transport } from './index.js';

let metrics: Metrics;
let answer: () => Promise<unknown>;
let calls: Transport;
beforeEach(() => {
  metrics = new Metrics();
  answer = async () => ({ price: 1 });
  calls = new MeasuredTransport({ send: () => answer() }, 'till', metrics);
});

const ask = () => calls.send({ operation: 'shelf.price', input: {}, idempotencyKey: undefined });
const figures = async () => readMetrics(await metrics.text());
const labels = { from: 'till', to: 'shelf', operation: 'shelf.price' };

describe('the calls of a context', () => {
  it('are counted by how they ended, and passed on as they are', async () => {
    expect(await ask()).toEqual({ price: 1 });
    answer = async () => { throw new NotFound('No such thing.'); };
    await expect(ask()).rejects.toThrow('No such thing.');
    for (const error of [new Internal('Broken.'), new Error('Broken.')]) {
      answer = async () => { throw error; };
      await expect(ask()).rejects.toBe(error);
    }
    const shown = await figures();
    expect(['answered', 'refused', 'failed'].map((outcome) => shown.sum('banyan_calls_total', { ...labels, outcome }))).toEqual([1, 1, 2]);
    expect(shown.sum('banyan_call_duration_seconds_count', labels)).toBe(4);
    expect(complaintsAbout(shown)).toEqual([]);
  });

  it('count each input once that makes one, however often it makes it', async () => {
    await runInput({}, async () => { for (let i = 0; i < 5; i += 1) await ask(); });
    await runInput({}, ask);
    await ask();
    const shown = await figures();
    expect([shown.sum('banyan_calls_total', labels), shown.sum('banyan_call_inputs_total', labels)]).toEqual([7, 3]);
  });
});
