import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runInput } from '@banyan/kernel/runtime';
import { type TestDatabase, testDatabase } from '@banyan/kernel/testing';
import { OpenSession } from '../src/sessions/open-session.js';
import { RefreshSession } from '../src/sessions/refresh-session.js';
import { IdentityApp } from './identity-app.js';

const DAY = 24 * 60 * 60 * 1000;

let storage: TestDatabase;
let shop: IdentityApp;
beforeAll(async () => {
  storage = await testDatabase();
  shop = await IdentityApp.start(storage.url);
});
afterAll(async () => {
  await shop.close();
  await storage.drop();
});

const inDays = <T>(days: number, work: () => Promise<T>): Promise<T> => runInput({ context: 'identity', at: new Date(Date.now() + days * DAY) }, work);

// The keys travel in time with their users, so nobody here uses an access token.
describe('a session', () => {
  it('can be refreshed for 30 days after the refresh before, and not at the end of the 30th', async () => {
    const { refreshToken } = await shop.member('gina');
    const refresh = (token: string) => shop.get(RefreshSession).run({ refreshToken: token });
    const second = await inDays(29.9, () => refresh(refreshToken));
    const third = await inDays(59.8, () => refresh(second.refreshToken));
    await expect(inDays(90, () => refresh(third.refreshToken))).rejects.toMatchObject({ code: 'session-ended' });
  });

  it('does not let tokens and sessions pile up that have expired', async () => {
    const { id, email, password, refreshToken } = await shop.member('hugo');
    const { refreshToken: second } = await inDays(20, () => shop.get(RefreshSession).run({ refreshToken }));
    await inDays(40, () => shop.get(RefreshSession).run({ refreshToken: second }));
    const count = async (): Promise<unknown> => (await shop.database.query(
      `select count(distinct session.id) as sessions, count(*) as tokens
       from session join refresh_token on session_id = session.id where user_id = $1`, [id],
    ))[0];
    expect(await count()).toEqual({ sessions: 1, tokens: 2 });
    await inDays(80, () => shop.get(OpenSession).run({ email, password }));
    expect(await count()).toEqual({ sessions: 1, tokens: 1 });
  });
});
