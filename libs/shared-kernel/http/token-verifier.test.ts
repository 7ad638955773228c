import { describe, expect, it, jest } from '@jest/globals';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { eventually } from '../testing/index.js';
import { TokenVerifier } from './token-verifier.js';

const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
const jwk = { ...await exportJWK(publicKey), kid: 'k', alg: 'EdDSA' };

/** With the server's tolerance of five seconds, a token that expired four seconds ago is good for one more. */
const token = (expiresInS: number) => new SignJWT({ roles: ['customer'], sid: 's' }).setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'k' })
  .setIssuer('us').setAudience('shop').setSubject('ada').setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInS).sign(privateKey);

describe('a token that was verified', () => {
  it('is believed again without asking for keys, and the same holder comes out', async () => {
    let asked = 0;
    const verifier = new TokenVerifier({ keys: async () => { asked += 1; return { keys: [jwk] }; } }, { issuer: 'us', audience: 'shop' });
    const ada = await token(60);
    const holder = { principal: { id: 'ada', roles: ['customer'] }, sessionId: 's' };
    for (let n = 0; n < 3; n += 1) expect(await verifier.verify(ada)).toEqual(holder);
    expect(asked).toBe(1);
    await expect(verifier.verify(`${ada.slice(0, -4)}AAAA`)).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  it('is verified with the keys that are known while their source does not answer', async () => {
    jest.useFakeTimers({ now: Date.now(), doNotFake: ['setTimeout', 'setImmediate', 'nextTick'] });
    try {
      let source: () => Promise<{ keys: typeof jwk[] }> = async () => ({ keys: [jwk] });
      const verifier = new TokenVerifier({ keys: () => source() }, { issuer: 'us', audience: 'shop' });
      await verifier.verify(await token(60));
      source = () => new Promise(() => undefined);
      jest.advanceTimersByTime(6 * 60_000);
      expect(await verifier.verify(await token(61))).toMatchObject({ principal: { id: 'ada' } });
    } finally {
      jest.useRealTimers();
    }
  });

  it('is refused once it has expired', async () => {
    const verifier = new TokenVerifier({ keys: async () => ({ keys: [jwk] }) }, { issuer: 'us', audience: 'shop' });
    const brief = await token(-3);
    await verifier.verify(brief);
    await eventually(async () => { await expect(verifier.verify(brief)).rejects.toMatchObject({ details: { reason: 'expired' } }); });
  });
});
