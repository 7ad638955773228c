import { describe, expect, it } from '@jest/globals';
import { ProcessorAway, ProcessorTimeout } from '../../contract/index.js';
import { TestCardProcessor } from './test-card-processor.js';

const call = (key: string, timeoutMs = 5_000) => ({ key, timeoutMs });
const charge = (method: string) => ({ paymentId: 'p', orderId: 'o', amount: 100, currency: 'GBP' as const, method });

describe('the built-in card processor', () => {
  it.each([
    ['test-card', { is: 'authorized' }],
    ['test-card-declined', { is: 'declined', code: 'card-declined' }],
    ['test-card-insufficient-funds', { is: 'declined', code: 'insufficient-funds' }],
    ['4242424242424242', { is: 'declined', code: 'unknown-card' }],
  ])('answers to %s', async (method, answer) => {
    expect(await new TestCardProcessor().authorize(charge(method), call('k'))).toMatchObject(answer);
  });

  it('gives the same authorisation for the same key, also after a restart, and another one for another key', async () => {
    const before = await new TestCardProcessor().authorize(charge('test-card'), call('k'));
    expect(await new TestCardProcessor().authorize(charge('test-card'), call('k'))).toEqual(before);
    expect(await new TestCardProcessor().authorize(charge('test-card'), call('other'))).not.toEqual(before);
  });

  it('loses the first answer of test-card-timeout and gives it when asked again', async () => {
    const processor = new TestCardProcessor();
    await expect(processor.authorize(charge('test-card-timeout'), call('k'))).rejects.toThrow(ProcessorTimeout);
    expect(await processor.authorize(charge('test-card-timeout'), call('k'))).toMatchObject({ is: 'authorized' });
  });

  it('never answers for test-card-timeout-always', async () => {
    const processor = new TestCardProcessor();
    for (let i = 0; i < 3; i += 1) await expect(processor.authorize(charge('test-card-timeout-always'), call('k'))).rejects.toThrow(ProcessorTimeout);
  });

  it('is too slow with test-card-slow for whoever waits for less than two seconds', async () => {
    await expect(new TestCardProcessor().authorize(charge('test-card-slow'), call('k', 20))).rejects.toThrow(ProcessorTimeout);
  });

  it('lets the first capture of test-card-capture-fails-once fail', async () => {
    const processor = new TestCardProcessor();
    const answer = await processor.authorize(charge('test-card-capture-fails-once'), call('k'));
    if (answer.is !== 'authorized') throw new Error('declined');
    await expect(processor.capture(answer.authorization, call('capture'))).rejects.toThrow(ProcessorAway);
    expect(await processor.capture(answer.authorization, call('capture'))).toEqual({ is: 'done' });
  });
});
