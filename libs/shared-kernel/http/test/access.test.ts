import { describe, it, expect, beforeAll, afterAll } from '@jest/globals';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { SignJWT, UnsecuredJWT } from 'jose';
import { Unavailable } from '../../contract/index.js';
import { observabilityModule } from '../../observability/index.js';
import { configureHttp, httpAdapter, httpModule, Public, Roles, type HttpApp } from '../index.js';
import { sampleApp, type SampleApp } from './sample-app.js';
import { AUDIENCE, ISSUER, TestIssuer } from './tokens.js';

/** Seconds; asked for when it matters, for some seconds make a difference here and a loaded machine takes them. */
const now = () => Math.floor(Date.now() / 1000);

describe('access', () => {
  let sample: SampleApp;
  beforeAll(async () => { sample = await sampleApp(); });
  afterAll(async () => { await sample.close(); });

  const me = (authorization?: string) => fetch(`${sample.url}/v1/me`, { headers: authorization === undefined ? {} : { authorization } });

  it('is for whoever shows a good token, and tells the handler who that is', async () => {
    const answer = await me(await sample.issuer.bearer({ sub: 'grace', roles: ['staff', 'operator'] }));
    expect(await answer.json()).toEqual({ id: 'grace', roles: ['staff', 'operator'] });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('asks who comes without a token to bring one', async () => {
    const answer = await me();
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
  });

  const header = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

  it.each<[string, string, (issuer: TestIssuer) => Promise<string> | string]>([
    ['that has expired', 'expired', (issuer) => issuer.bearer({ exp: now() - 10 })],
    ['without an expiry', 'invalid', async (issuer) => issuer.bearer({ exp: undefined as unknown as number })],
    ['for another audience', 'invalid', (issuer) => issuer.bearer({ aud: 'another' })],
    ['of another issuer', 'invalid', (issuer) => issuer.bearer({ iss: 'https://evil.test' })],
    ['for nobody', 'invalid', (issuer) => issuer.bearer({ sub: undefined as unknown as string })],
    ['whose roles are no list', 'claims', (issuer) => issuer.bearer({ roles: 'staff' })],
    ['that is not valid yet', 'invalid', (issuer) => issuer.bearer({ nbf: now() + 600 })],
    ['of another type', 'invalid', async (issuer) => `Bearer ${await issuer.token({}, { typ: 'JWT' })}`],
    ['signed with a key nobody knows', 'invalid', async () => (await TestIssuer.create()).bearer()],
    ['signed with an unknown key under a known id', 'invalid', async (issuer) => `Bearer ${await (await TestIssuer.create()).token({}, { kid: issuer.kid })}`],
    ['without a signature (alg none)', 'invalid', () => `Bearer ${new UnsecuredJWT({ sub: 'ada', roles: ['staff'] }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('1h').encode()}`],
    ['signed with the public key as a shared secret', 'invalid', async (issuer) => {
      const { keys: [key] } = await issuer.keys();
      return `Bearer ${await new SignJWT({ sub: 'ada' }).setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: issuer.kid }).setIssuer(ISSUER).setAudience(AUDIENCE).setExpirationTime('1h').sign(Buffer.from(JSON.stringify(key)))}`;
    }],
    ['with a tampered payload', 'invalid', async (issuer) => {
      const [head, , signature] = (await issuer.token()).split('.');
      return `Bearer ${head}.${header({ sub: 'ada', roles: ['staff'], iss: ISSUER, aud: AUDIENCE, exp: now() + 60 })}.${signature}`;
    }],
    ['that is garbage', 'invalid', () => 'Bearer garbage'],
    ['of dots', 'invalid', () => 'Bearer ...'],
    ['with a header that is no object', 'invalid', () => `Bearer ${header([])}.e30.e30`],
    ['of another scheme', 'scheme', () => `Basic ${Buffer.from('ada:secret').toString('base64')}`],
    ['that is missing after its scheme', 'scheme', () => 'Bearer '],
  ])('is refused for a token %s', async (_what, reason, authorization) => {
    const answer = await me(await authorization(sample.issuer));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token", error_description="[^"]+"$/);
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated', reason });
  });

  it('allows for clocks that differ by a few seconds', async () => {
    expect((await me(await sample.issuer.bearer({ exp: now() - 2, iat: now() - 60 }))).status).toBe(200);
  });

  it('asks for the keys again when a token names one it does not know, but not for every piece of garbage', async () => {
    const asked = sample.issuer.asked;
    const stranger = await TestIssuer.create();
    for (let i = 0; i < 20; i += 1) await me(await stranger.bearer());
    expect(sample.issuer.asked - asked).toBeLessThanOrEqual(1);
  });

  it('ends with the session, at once', async () => {
    const authorization = await sample.issuer.bearer({ sid: 'session-1' });
    const session = () => fetch(`${sample.url}/v1/me/session`, { headers: { authorization } });
    expect(await (await session()).json()).toEqual({ session: 'session-1' });
    sample.sessions.ended.add('session-1');
    const answer = await session();
    expect([answer.status, await answer.json()]).toEqual([401, expect.objectContaining({ reason: 'revoked' })]);
  });

  it('lets a read through, marked, while nobody can say whether its session has ended, and no write', async () => {
    const authorization = await sample.issuer.bearer({ sid: 'session-2', roles: ['staff'] });
    const away = async (): Promise<void> => { throw new Unavailable('identity is away.'); };
    for (const before of [away, async () => { await new Promise(() => undefined); }]) {
      sample.sessions.before = before;
      const read = await me(authorization);
      expect([read.status, read.headers.get('x-banyan-degraded')]).toEqual([200, 'session-status']);
    }
    sample.sessions.before = away;
    const write = await fetch(`${sample.url}/v1/trees/B-1`, { method: 'PUT', body: '{}', headers: { authorization, 'content-type': 'application/json' } });
    expect([write.status, await write.json()]).toEqual([503, expect.objectContaining({ code: 'unavailable' })]);
    sample.sessions.before = async () => undefined;
    expect((await me(authorization)).headers.get('x-banyan-degraded')).toBeNull();
  });

  it('answers 401 before anything else is looked at, and 403 before the body is', async () => {
    const send = (authorization: string) => fetch(`${sample.url}/v1/trees/%00?odd=1`, {
      method: 'PUT', body: '{"not json', headers: { 'content-type': 'text/plain', ...(authorization ? { authorization } : {}) },
    });
    expect((await send('')).status).toBe(401);
    const forbidden = await send(await sample.issuer.bearer({ roles: ['customer'] }));
    expect([forbidden.status, await forbidden.json()]).toEqual([403, expect.objectContaining({ code: 'forbidden', needs: ['staff'] })]);
    expect(forbidden.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
  });

  it('does not read a body that nobody is allowed to send', async () => {
    const answer = await fetch(`${sample.url}/v1/trees/B-1`, { method: 'PUT', body: 'x'.repeat(20_000_000), headers: { 'content-type': 'application/json' } });
    expect(answer.status).toBe(401);
  });

  it('is open on a public route, whatever token comes along', async () => {
    for (const authorization of ['Bearer garbage', await sample.issuer.bearer({ exp: now() - 100 })]) {
      expect((await fetch(`${sample.url}/v1/trees/B-1`, { headers: { authorization } })).status).toBe(200);
    }
  });

  it('of a method overrules that of its controller', async () => {
    expect((await fetch(`${sample.url}/v1/trees/B-1`, { method: 'DELETE' })).status).toBe(401);
    expect((await fetch(`${sample.url}/v1/trees/B-1`, { method: 'DELETE', headers: { authorization: await sample.issuer.bearer() } })).status).toBe(204);
  });
});

describe('an app', () => {
  async function starting(controller: new () => object): Promise<void> {
    @Module({
      controllers: [controller],
      imports: [observabilityModule({ service: 'sample', level: 'silent' }), httpModule({ title: 'x', version: '1', issuer: ISSUER, audience: AUDIENCE })],
    })
    class Root {}
    const app = await NestFactory.create<HttpApp>(Root, httpAdapter(), { logger: false });
    try {
      await configureHttp(app);
    } finally {
      await app.close();
    }
  }

  it('does not start with a route that does not say who may use it, and names every such route', async () => {
    @Controller('v1/doors')
    class DoorsController {
      @Get('open')
      @Public()
      open(): void {}

      @Get('left')
      left(): void {}

      @Get('right')
      right(): void {}
    }
    await expect(starting(DoorsController)).rejects.toThrow(/DoorsController\.left, DoorsController\.right/);
  });

  it('does not start when nothing can verify the tokens that a route asks for', async () => {
    @Controller('v1/vault')
    class VaultController {
      @Get()
      @Roles('staff')
      open(): void {}
    }
    await expect(starting(VaultController)).rejects.toThrow(/vault\.open .* no module provides TokenKeys/);
  });
});
