import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestDatabase, testDatabase } from '@banyan/kernel/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { identityContract } from '../contract/index.js';
import { IdentityApp, audience, issuer } from './identity-app.js';

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

const me = (token: string) => shop.http('GET', '/v1/me', { token });

describe('signing in', () => {
  it('answers with a token that anybody can verify with the published keys', async () => {
    const member = await shop.member('anna');
    const answer = await shop.http('POST', '/v1/sessions', { key: null, body: { email: ' ANNA@example.org', password: member.password } });
    expect(answer).toMatchObject({ status: 201, headers: { 'cache-control': 'no-store' } });
    expect(answer.body).toEqual({ accessToken: expect.any(String), tokenType: 'Bearer', expiresIn: 900, refreshToken: expect.stringMatching(/^[\w-]{43}$/) });
    const keys = createLocalJWKSet((await shop.http('GET', '/.well-known/jwks.json')).body);
    const { payload, protectedHeader } = await jwtVerify(answer.body.accessToken, keys, { issuer, audience, algorithms: ['EdDSA'] });
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.any(String) });
    expect(payload).toMatchObject({ sub: member.id, roles: ['customer'], sid: expect.any(String), jti: expect.any(String) });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900);
  });

  it('answers an unknown address and a wrong password in the same way', async () => {
    const { email } = await shop.member('ben');
    const attempts = [{ email, password: 'not the password' }, { email: 'unknown@example.org', password: 'not the password' }, { email: 'no address', password: 'x' }];
    const answers = await Promise.all(attempts.map((body) => shop.http('POST', '/v1/sessions', { key: null, body })));
    for (const { status, body } of answers) {
      expect([status, { ...body, traceId: '' }]).toEqual([401, { ...answers[0]?.body, traceId: '' }]);
      expect(body.code).toBe('wrong-credentials');
    }
  });

  it.each([
    ['nothing', {}, ['/email', '/password']],
    ['a password that is too long to be one', { email: 'a@b.co', password: 'x'.repeat(201) }, ['/password']],
    ['text that cannot be stored', { email: 'a\u0000@b.co', password: 'x' }, ['/email']],
  ])('refuses %s', async (_, body, paths) => {
    const answer = await shop.http('POST', '/v1/sessions', { key: null, body });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((it: { path: string }) => it.path)).toEqual(paths);
  });

  it('keeps refresh tokens by their hash only', async () => {
    const { refreshToken } = await shop.member('carl');
    const [kept] = await shop.database.query<{ everything: string }>("select string_agg(refresh_token::text, '') as everything from refresh_token");
    expect(kept?.everything).not.toContain(refreshToken);
    expect(kept?.everything).not.toContain(Buffer.from(refreshToken).toString('hex'));
    expect(kept?.everything).not.toContain(Buffer.from(refreshToken, 'base64url').toString('hex'));
  });
});

describe('refreshing', () => {
  it('exchanges the token for a new pair of the same session, any number of times', async () => {
    const member = await shop.member('dora');
    let { refreshToken } = member;
    for (let i = 0; i < 3; i += 1) {
      const { status, body, headers } = await shop.refresh(refreshToken);
      expect([status, body.tokenType, body.expiresIn, headers['cache-control']]).toEqual([200, 'Bearer', 900, 'no-store']);
      expect(body.refreshToken).not.toBe(refreshToken);
      expect((await me(body.accessToken)).body.id).toBe(member.id);
      ({ refreshToken } = body);
    }
  });

  it('with a token that was used before ends the session, its newest tokens included', async () => {
    const member = await shop.member('emil');
    const { body: next } = await shop.refresh(member.refreshToken);
    expect(await shop.refresh(member.refreshToken)).toMatchObject({ status: 401, body: { code: 'refresh-token-reused' } });
    expect(await shop.refresh(next.refreshToken)).toMatchObject({ status: 401, body: { code: 'session-ended' } });
    expect((await me(next.accessToken)).status).toBe(401);
  });

  it('leaves the other sessions of the same user alone', async () => {
    const member = await shop.member('fred');
    const other = await shop.signIn(member.email, member.password);
    await shop.refresh(member.refreshToken);
    await shop.refresh(member.refreshToken);
    expect((await shop.refresh(other.refreshToken)).status).toBe(200);
  });

  it.each([['an unknown token', 'x'.repeat(43)], ['garbage', '🗑️']])('refuses %s', async (_, token) => {
    expect(await shop.refresh(token)).toMatchObject({ status: 401, body: { code: 'session-ended' } });
  });

  it('lets one of 20 with the same token win, and ends the session for all of them', async () => {
    for (const name of ['race1', 'race2', 'race3']) {
      const { refreshToken } = await shop.member(name);
      const answers = await Promise.all(Array.from({ length: 20 }, () => shop.refresh(refreshToken)));
      const winners = answers.filter((it) => it.status === 200);
      const reused = answers.filter((it) => it.body.code === 'refresh-token-reused');
      expect([winners.length, reused.length]).toEqual([1, 19]);
      expect(await shop.refresh(winners[0]?.body.refreshToken)).toMatchObject({ status: 401, body: { code: 'session-ended' } });
      const [session] = await shop.database.query('select end_reason from session where id = (select session_id from refresh_token order by issued_at desc limit 1)');
      expect(session).toEqual({ end_reason: 'token-reused' });
    }
  });
});

describe('signing out', () => {
  it('ends this session at once, and no other', async () => {
    const member = await shop.member('ida');
    const other = await shop.signIn(member.email, member.password);
    expect(await shop.http('DELETE', '/v1/sessions/current', { token: member.accessToken, key: null })).toMatchObject({ status: 204, text: '' });
    expect((await me(member.accessToken)).status).toBe(401);
    expect(await shop.refresh(member.refreshToken)).toMatchObject({ status: 401, body: { code: 'session-ended' } });
    expect((await me(other.accessToken)).status).toBe(200);
    expect((await shop.refresh(other.refreshToken)).status).toBe(200);
  });

  it('is for who is signed in', async () => {
    expect((await shop.http('DELETE', '/v1/sessions/current', { key: null })).status).toBe(401);
  });

  it('and a refresh at the same time leave no session that works', async () => {
    for (let i = 0; i < 5; i += 1) {
      const member = await shop.member(`jack${i}`);
      const [refreshed] = await Promise.all([
        shop.refresh(member.refreshToken),
        shop.http('DELETE', '/v1/sessions/current', { token: member.accessToken, key: null }),
      ]);
      const last = refreshed.status === 200 ? refreshed.body.refreshToken : member.refreshToken;
      expect((await shop.refresh(last)).status).toBe(401);
    }
  });
});

describe('identity.session-status', () => {
  it('counts a session that nobody knows of as ended', async () => {
    const client = shop.host.clientOf(identityContract);
    expect(await client.sessionStatus({ sessionId: '019a0000-0000-7000-8000-000000000001' })).toEqual({ isRevoked: true });
  });
});
