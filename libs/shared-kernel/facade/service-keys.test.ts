import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { type Database, openDatabase, provisionContext } from '../persistence/index.js';
import { type TestDatabase, eventually, testDatabase } from '../testing/index.js';
import { FACADE, ServiceKeys, facadeMigrations } from './index.js';

let storage: TestDatabase;
let database: Database;
let [monolith, payments, catalog]: ServiceKeys[] = [];
beforeAll(async () => {
  storage = await testDatabase();
  const { url } = await provisionContext({ adminUrl: storage.url, name: FACADE, migrations: facadeMigrations });
  database = await openDatabase({ context: FACADE, url, poolSize: 4, applicationName: 'test keys' });
  [monolith, payments, catalog] = await Promise.all(['monolith', 'payments', 'catalog'].map((it) => ServiceKeys.open(database, it)));
});
afterAll(async () => {
  await Promise.all([monolith?.stop(), payments?.stop(), catalog?.stop()]);
  await database.close();
  await storage.drop();
});

const refused = { code: 'call-refused' };
const part = (token: string, at: number): string => token.split('.')[at] ?? '';
const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('the token of a service', () => {
  it('says who sends it to whom it was made for', async () => {
    expect(await payments?.verify(await monolith?.tokenFor('payments') ?? '')).toEqual({ service: 'monolith' });
  });

  it('is good for that app alone', async () => {
    await expect(catalog?.verify(await monolith?.tokenFor('payments') ?? '')).rejects.toMatchObject(refused);
  });

  it('is used again for a while, and not made anew for every call', async () => {
    expect(await monolith?.tokenFor('catalog')).toBe(await monolith?.tokenFor('catalog'));
  });

  it('of a process that has only just started is believed', async () => {
    await payments?.verify(await monolith?.tokenFor('payments') ?? '');
    const late = await ServiceKeys.open(database, 'shipping');
    expect(await payments?.verify(await late.tokenFor('payments'))).toEqual({ service: 'shipping' });
    await late.stop();
  });

  it.each<[string, () => Promise<string>]>([
    ['without a signature', async () => `${encoded({ alg: 'none', typ: 'svc+jwt' })}.${encoded({ iss: 'banyan-services', sub: 'monolith', aud: 'payments', exp: 4_000_000_000 })}.`],
    ['with another payload under the same signature', async () => {
      const token = await monolith?.tokenFor('catalog') ?? '';
      return `${part(token, 0)}.${encoded({ iss: 'banyan-services', sub: 'monolith', aud: 'payments', exp: 4_000_000_000 })}.${part(token, 2)}`;
    }],
    ['signed with a key that nobody published', async () => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      return new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', typ: 'svc+jwt', kid: 'mine' }).setIssuer('banyan-services').setSubject('monolith').setAudience('payments').setExpirationTime('1m').sign(privateKey);
    }],
    ['that is a user\'s', async () => {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      return new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'mine' }).setIssuer('banyan').setSubject('me').setAudience('banyan-shop').setExpirationTime('1m').sign(privateKey);
    }],
    ['that is none', async () => 'let me in'],
  ])('%s is refused', async (_what, make) => {
    await expect(payments?.verify(await make())).rejects.toMatchObject(refused);
  });

  it('speaks for nobody but the owner of its key', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    await database.query(`INSERT INTO service_key (kid, service, public_jwk, expires_at) VALUES ('00000000-0000-4000-8000-000000000001', 'catalog', $1, now() + interval '1 hour')`, [JSON.stringify(await exportJWK(publicKey))]);
    const posing = (as: string) => new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', typ: 'svc+jwt', kid: '00000000-0000-4000-8000-000000000001' })
      .setIssuer('banyan-services').setSubject(as).setAudience('payments').setExpirationTime('1m').sign(privateKey);
    expect(await payments?.verify(await posing('catalog'))).toEqual({ service: 'catalog' });
    await expect(payments?.verify(await posing('monolith'))).rejects.toMatchObject(refused);
  });

  it('goes on being believed while the keys cannot be read', async () => {
    await payments?.verify(await monolith?.tokenFor('payments') ?? '');
    await storage.query('ALTER TABLE facade.service_key RENAME TO service_key_elsewhere');
    expect(await payments?.verify(await monolith?.tokenFor('payments') ?? '')).toEqual({ service: 'monolith' });
    await storage.query('ALTER TABLE facade.service_key_elsewhere RENAME TO service_key');
  });

  it('makes garbage no load: a hundred at once are no hundred looks', async () => {
    const before = await reads();
    const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const forged = await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', typ: 'svc+jwt', kid: 'mine' }).setIssuer('banyan-services').setSubject('x').setAudience('payments').setExpirationTime('1m').sign(privateKey);
    const answers = await Promise.allSettled(Array.from({ length: 100 }, () => payments?.verify(forged)));
    expect(answers.every((it) => it.status === 'rejected')).toBe(true);
    expect(await reads() - before).toBeLessThan(50); // one or two; but a server may tell of earlier ones as late as now
  });

  it('is not believed for longer because it was believed before', async () => {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const kid = '00000000-0000-4000-8000-000000000002';
    await database.query(`INSERT INTO service_key (kid, service, public_jwk, expires_at) VALUES ($1, 'catalog', $2, now() + interval '1 hour')`, [kid, JSON.stringify(await exportJWK(publicKey))]);
    // Clocks may differ by five seconds, so this one has between two and three left.
    const expiring = await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', typ: 'svc+jwt', kid }).setIssuer('banyan-services').setSubject('catalog').setAudience('payments')
      .setExpirationTime(Math.floor(Date.now() / 1_000) - 2).sign(privateKey);
    expect(await payments?.verify(expiring)).toEqual({ service: 'catalog' });
    await eventually(async () => { await expect(payments?.verify(expiring)).rejects.toMatchObject({ ...refused, details: { reason: 'expired' } }); });
  });
});

/** How often the table of keys was scanned. */
async function reads(): Promise<number> {
  await storage.query('SELECT pg_stat_force_next_flush()');
  await storage.query('SELECT pg_stat_clear_snapshot()');
  const [row] = await storage.query<{ n: string }>(`SELECT coalesce(seq_scan, 0) + coalesce(idx_scan, 0) AS n FROM pg_stat_user_tables WHERE schemaname = 'facade' AND relname = 'service_key'`);
  return Number(row?.n);
}
