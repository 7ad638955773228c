import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@banyan/kernel/testing';
import { IdentityApp, operator } from './identity-app.js';

let storage: TestDatabase;
let started: IdentityApp[] = [];
beforeEach(async () => { storage = await testDatabase(); });
afterEach(async () => {
  await Promise.all(started.map((it) => it.close()));
  started = [];
  await storage.drop();
});

async function start(first?: { email: string; password: string }): Promise<IdentityApp> {
  const app = await IdentityApp.start(storage.url, first);
  started.push(app);
  return app;
}

async function stopAll(): Promise<void> {
  await Promise.all(started.map((it) => it.close()));
  started = [];
}

const users = (app: IdentityApp) => app.database.query('select email, roles from user_account order by email');

describe('the first operator', () => {
  it('is made once when five processes start at the same time, and announced once', async () => {
    const apps = await Promise.all(Array.from({ length: 5 }, () => start(operator)));
    const [app] = apps;
    if (!app) throw new Error('No app was started.');
    expect(await users(app)).toEqual([{ email: operator.email, roles: ['customer', 'staff', 'operator'] }]);
    await Promise.all(apps.map((it) => it.host.settled()));
    expect(apps.flatMap((it) => it.registered)).toEqual([expect.objectContaining({ email: operator.email })]);
    expect((await app.http('GET', '/v1/me', { token: await app.operatorToken() })).body.roles).toEqual(['customer', 'staff', 'operator']);
  });

  it('stays as it is when the settings name another password or another operator', async () => {
    await start(operator);
    await stopAll();
    const app = await start({ email: 'other@shop.example', password: 'another good password' });
    await start({ ...operator, password: 'another good password' });
    expect(await users(app)).toEqual([expect.objectContaining({ email: operator.email })]);
    await app.operatorToken();
  });

  it('is nobody when the settings name nobody', async () => {
    expect(await users(await start())).toEqual([]);
  });

  it.each([
    ['an address that is none', { email: 'root', password: operator.password }, /email: Is not an email address/],
    ['a password that is too short', { email: operator.email, password: 'short' }, /password: /],
  ])('cannot have %s: the app does not start and says why', async (_, first, reason) => {
    await expect(start(first)).rejects.toThrow(reason);
  });

  it('is never made of a customer who took the address before', async () => {
    const app = await start();
    await app.http('POST', '/v1/users', { body: { ...operator, name: 'Early Bird' } });
    await expect(start(operator)).rejects.toThrow(/somebody has registered with this address/);
    expect(await users(app)).toEqual([{ email: operator.email, roles: ['customer'] }]);
  });
});
