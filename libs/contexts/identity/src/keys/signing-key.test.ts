import { createPublicKey, sign, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { outlived, privateKeyOf, publicJwkOf, type SigningKey, signingAt, signingKeyOf, successorDue } from './signing-key.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const start = Date.parse('2026-01-01T00:00:00Z');
const day = (days: number, minutes = 0): Date => new Date(start + days * DAY + minutes * MINUTE);
const keyFrom = (signsFrom: Date): SigningKey => ({ kid: signsFrom.toISOString(), privateKey: Buffer.alloc(32), publicKey: Buffer.alloc(32), signsFrom });

const first = keyFrom(day(0));
const second = keyFrom(day(30));

describe('a signing key', () => {
  it('is due at once when there is none', () => {
    expect(successorDue([], day(0))).toEqual(day(0));
  });

  it('is published a day before it signs', () => {
    expect(successorDue([first], day(28, 1439))).toBeUndefined();
    expect(successorDue([first], day(29))).toEqual(day(30));
    expect(successorDue([first, second], day(29, 1))).toBeUndefined();
  });

  it('signs at once when the one before had its 30 days unnoticed', () => {
    expect(successorDue([first], day(45))).toEqual(day(45));
  });

  it('signs from its instant on', () => {
    expect(signingAt([first, second], day(29))).toBe(first);
    expect(signingAt([first, second], day(30))).toBe(second);
  });

  it('also signs, being the first, for a process whose clock is behind', () => {
    expect(signingAt([first, second], day(-1))).toBe(first);
    expect(signingAt([], day(0))).toBeUndefined();
  });

  it('is gone when the last token it signed has expired, clocks that differ allowed for', () => {
    expect(outlived([first, second], day(30, 19))).toEqual([]);
    expect(outlived([first, second], day(30, 20))).toEqual([first]);
    expect(outlived([first], day(99))).toEqual([]);
  });

  it('follows from its secret, and publishes the other half only', async () => {
    // RFC 8032, 7.1, test 1.
    const secret = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
    const key = await signingKeyOf(secret, day(0));
    expect(key.publicKey.toString('hex')).toBe('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a');
    // RFC 8037, appendix A.3, has the thumbprint of this very key.
    expect(key.kid).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
    expect(Object.keys(publicJwkOf(key)).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    const signature = sign(null, Buffer.from('hello'), privateKeyOf(key));
    expect(verify(null, Buffer.from('hello'), createPublicKey({ key: { ...publicJwkOf(key) }, format: 'jwk' }), signature)).toBe(true);
  });
});
