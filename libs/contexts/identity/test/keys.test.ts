import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runInput } from '@banyan/kernel/runtime';
import { type TestDatabase, testDatabase } from '@banyan/kernel/testing';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { identityContract } from '../contract/index.js';
import { KeyRing } from '../src/keys/key-ring.js';
import { OpenSession } from '../src/sessions/open-session.js';
import { IdentityApp } from './identity-app.js';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

let storage: TestDatabase;
let shops: IdentityApp[];
beforeAll(async () => {
  storage = await testDatabase();
  shops = await Promise.all(Array.from({ length: 3 }, () => IdentityApp.start(storage.url)));
});
afterAll(async () => {
  await Promise.all(shops.map((it) => it.close()));
  await storage.drop();
});

const shop = (): IdentityApp => {
  const [first] = shops;
  if (!first) throw new Error('No app was started.');
  return first;
};
const keySet = () => shop().http('GET', '/.well-known/jwks.json');

describe('the key set', () => {
  it('has one key from the start on, though three processes started at once', async () => {
    const { status, headers, body } = await keySet();
    expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=300']);
    expect(body).toEqual({ keys: [{ kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: expect.any(String), x: expect.any(String) }] });
  });

  it('is the same for other contexts', async () => {
    expect(await shop().host.clientOf(identityContract).signingKeys({})).toEqual((await keySet()).body);
  });
});

describe('a new key', () => {
  it('is made once by all processes, published a day ahead, and leaves the old one until its tokens have expired', async () => {
    const { email, password } = await shop().member('anna');
    const start = Date.parse(await signsFrom());
    const at = <T>(ms: number, work: () => Promise<T>): Promise<T> => runInput({ context: 'identity', at: new Date(start + ms) }, work);
    const signers = (ms: number) => Promise.all(shops.flatMap((it) => Array.from({ length: 5 }, () => at(ms, () => it.get(KeyRing).signing()))));
    const published = (ms: number) => at(ms, () => shop().get(KeyRing).published());

    const [first] = await published(29 * DAY - MINUTE);
    expect(new Set((await signers(29 * DAY)).map((it) => it.kid))).toEqual(new Set([first?.kid]));
    const both = await published(29 * DAY);
    expect(both).toHaveLength(2);

    const { accessToken } = await at(30 * DAY - 1, () => shop().get(OpenSession).run({ email, password }));
    expect(new Set((await signers(30 * DAY)).map((it) => it.kid))).toEqual(new Set([both[1]?.kid]));
    const keys = await published(30 * DAY + 15 * MINUTE);
    await jwtVerify(accessToken, createLocalJWKSet({ keys: keys.map((key) => ({ ...key, kty: 'OKP' })) }), { currentDate: new Date(start + 30 * DAY + 14 * MINUTE) });
    expect(await published(30 * DAY + 21 * MINUTE)).toEqual([both[1]]);

    await signers(59 * DAY);
    const kept = await shop().database.query<{ kid: string }>('select kid from signing_key order by signs_from');
    expect(kept).toHaveLength(2);
    expect(kept.map((it) => it.kid)).not.toContain(first?.kid);
  });
});

async function signsFrom(): Promise<string> {
  const [key] = await shop().database.query<{ signs_from: Date }>('select signs_from from signing_key');
  return key?.signs_from.toISOString() ?? '';
}
