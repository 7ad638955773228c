import { describe, expect, it } from '@jest/globals';
import type { Exchange } from './http.js';
import { Patience } from './patience.js';

const limits = { patienceMs: 60_000, retryMs: 1, awayAfterMs: 60_000 };
const answer = (status: number): Exchange => ({ is: 'answer', status, headers: {}, body: undefined });
const lost: Exchange = { is: 'no-answer', why: 'ECONNRESET' };

function patient(change: Partial<typeof limits> = {}, stop = new AbortController().signal, said: string[] = []): Patience {
  return new Patience({ ...limits, ...change }, stop, (line) => said.push(line));
}

function sender(...exchanges: Exchange[]): { send: () => Promise<Exchange>; sent: () => number } {
  let sent = 0;
  const send = (): Promise<Exchange> => Promise.resolve(exchanges[Math.min(sent++, exchanges.length - 1)] ?? lost);
  return { send, sent: () => sent };
}

const present = sender(answer(200)).send;
const absent = sender(lost).send;

describe('Patience', () => {
  it('sends again what was lost, refused for now, or still running', async () => {
    const { send, sent } = sender(lost, answer(503), answer(409), answer(429), answer(500), answer(502), answer(202));
    expect(await patient().persist(send, present)).toMatchObject({ status: 202 });
    expect(sent()).toBe(7);
  });

  it.each([200, 202, 400, 401, 403, 404, 422])('takes %i for an answer', async (status) => {
    const { send, sent } = sender(answer(status));
    await patient().persist(send, present);
    expect(sent()).toBe(1);
  });

  it('gives up on a shop that is gone', async () => {
    await expect(patient({ patienceMs: 5 }).persist(absent, absent)).rejects.toMatchObject({ name: 'ShopGone' });
  });

  it('gives back the failure of one request where the shop is there', async () => {
    const { send } = sender(answer(500));
    expect(await patient({ patienceMs: 5 }).persist(send, present)).toMatchObject({ status: 500 });
  });

  it('does not send again once asked to stop', async () => {
    const stop = new AbortController();
    const { send, sent } = sender(lost);
    const sending = (): Promise<Exchange> => {
      stop.abort();
      return send();
    };
    await expect(patient({}, stop.signal).persist(sending, present)).rejects.toMatchObject({ name: 'Stopped' });
    expect(sent()).toBe(1);
  });

  it('says once that the shop is away, and once that it is back', async () => {
    const said: string[] = [];
    const { send } = sender(lost, lost, lost, answer(200));
    await patient({ awayAfterMs: 0 }, new AbortController().signal, said).persist(send, present);
    expect(said).toEqual([
      'The shop does not answer (ECONNRESET); trying again for up to 60 s.',
      expect.stringMatching(/^The shop is back after \d+\.\d s\.$/),
    ]);
  });
});
