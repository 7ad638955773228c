import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@banyan/kernel/testing';
import { IdentityApp, operator } from './identity-app.js';

const good = { email: 'mary@example.org', password: 'correct horse battery', name: 'Mary Ann' };

let storage: TestDatabase;
let shop: IdentityApp;
beforeAll(async () => {
  storage = await testDatabase();
  shop = await IdentityApp.start(storage.url, operator);
});
afterAll(async () => {
  await shop.close();
  await storage.drop();
});

const register = (change: object, key?: string | null) => shop.http('POST', '/v1/users', { body: { ...good, ...change }, ...(key !== undefined && { key }) });
const setRoles = (id: string, roles: unknown, token: string) => shop.http('PUT', `/v1/users/${id}/roles`, { token, body: { roles } });

describe('registering', () => {
  it('makes a customer, answers without the password, and announces it', async () => {
    const { status, body, text } = await register({});
    expect([status, body]).toEqual([201, { id: expect.any(String), email: 'mary@example.org', name: 'Mary Ann', roles: ['customer'] }]);
    expect(text).not.toContain(good.password);
    await shop.host.settled();
    expect(shop.registered).toContainEqual({ userId: body.id, email: 'mary@example.org', name: 'Mary Ann' });
  });

  it('refuses an address that is taken, however it is written', async () => {
    for (const email of ['mary@example.org', ' MARY@Example.Org ']) {
      expect(await register({ email })).toMatchObject({ status: 409, body: { code: 'email-taken' } });
    }
  });

  it('answers a repeated request as before and makes no second user', async () => {
    const first = await register({ email: 'twice@example.org' }, 'register-twice');
    const again = await register({ email: 'twice@example.org' }, 'register-twice');
    expect(again).toMatchObject({ status: 201, body: first.body, headers: { 'idempotent-replayed': 'true' } });
    expect(await register({ email: 'other@example.org' }, 'register-twice')).toMatchObject({ status: 422 });
    expect(await register({ email: 'keyless@example.org' }, null)).toMatchObject({ status: 400, body: { code: 'idempotency-key-missing' } });
  });

  it('lets one of 20 have an address that they want at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => register({ email: i % 2 ? 'Wanted@example.org' : 'wanted@example.org' })));
    expect(answers.map((it) => it.status).sort()).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
    await shop.host.settled();
    expect(shop.registered.filter((it) => it.email === 'wanted@example.org')).toHaveLength(1);
  });

  it.each([
    ['a password of 9 characters', { password: 'ninechars' }, ['/password']],
    ['a password that is the address', { email: 'a.b.c@example.org', password: 'A.B.C@example.org' }, ['/password']],
    ['no address and no name', { email: 'nobody', name: '' }, ['/email', '/name']],
    ['a role beside it', { roles: ['operator'] }, ['/roles']],
  ])('refuses %s and names what is wrong', async (_, change, paths) => {
    const { status, body } = await register(change);
    expect([status, body.code]).toEqual([400, 'invalid-input']);
    expect([...new Set(body.errors.map((it: { path: string }) => it.path))].sort()).toEqual(paths);
  });

  it('leaves no password in the database', async () => {
    await register({ email: 'secret@example.org', password: 'a very secret thing' }, 'secret-key');
    const [kept] = await shop.database.query<{ everything: string }>(
      `select (select string_agg(user_account::text, '') from user_account)
         || (select string_agg(idempotency_key::text, '') from idempotency_key) as everything`,
    );
    expect(kept?.everything).toContain('$argon2id$');
    expect(kept?.everything).not.toContain('a very secret thing');
  });
});

describe('GET /v1/me', () => {
  it('tells who I am', async () => {
    const { id, accessToken } = await shop.member('anna');
    expect(await shop.http('GET', '/v1/me', { token: accessToken }))
      .toMatchObject({ status: 200, body: { id, email: 'anna@example.org', name: 'anna', roles: ['customer'] } });
  });

  it.each([['nobody', undefined], ['a forged token', 'e30.e30.c2ln']])('is not for %s', async (_, token) => {
    expect((await shop.http('GET', '/v1/me', token ? { token } : {})).status).toBe(401);
  });
});

describe('roles', () => {
  it('are given by an operator, and arrive with the next refresh', async () => {
    const member = await shop.member('ben');
    expect(await setRoles(member.id, ['customer', 'staff', 'staff'], await shop.operatorToken()))
      .toMatchObject({ status: 200, body: { id: member.id, roles: ['customer', 'staff'] } });
    const { body } = await shop.refresh(member.refreshToken);
    expect((await setRoles(member.id, ['staff'], body.accessToken)).status).toBe(403);
    expect(JSON.parse(Buffer.from(body.accessToken.split('.')[1], 'base64url').toString())).toMatchObject({ roles: ['customer', 'staff'] });
  });

  it('are not for customers to give, nor for nobody', async () => {
    const { id, accessToken } = await shop.member('carl');
    expect((await setRoles(id, ['operator'], accessToken)).status).toBe(403);
    expect((await shop.http('PUT', `/v1/users/${id}/roles`, { body: { roles: ['operator'] } })).status).toBe(401);
  });

  it.each([
    ['unknown roles', '019a0000-0000-7000-8000-000000000001', ['king'], 400],
    ['none', '019a0000-0000-7000-8000-000000000001', [], 400],
    ['a user who does not exist', '019a0000-0000-7000-8000-000000000001', ['staff'], 404],
    ['what is no id', 'ben', ['staff'], 400],
  ])('are refused: %s', async (_, id, roles, status) => {
    expect((await setRoles(id, roles, await shop.operatorToken())).status).toBe(status);
  });

  it('leave one operator, also when all of them dismiss each other at once', async () => {
    const token = await shop.operatorToken();
    const { body: first } = await shop.http('GET', '/v1/me', { token });
    expect(await setRoles(first.id, ['customer'], token)).toMatchObject({ status: 409, body: { code: 'last-operator' } });

    const others = await Promise.all(['dora', 'emil', 'fred'].map((name) => shop.member(name)));
    for (const { id } of others) expect((await setRoles(id, ['operator'], token)).status).toBe(200);
    const dismissals = await Promise.all([first, ...others].map(({ id }) => setRoles(id, ['customer'], token)));
    expect(dismissals.map((it) => it.status).sort()).toEqual([200, 200, 200, 409]);
    const left = await shop.database.query("select email from user_account where 'operator' = any (roles)");
    expect(left).toHaveLength(1);
  });
});
