import { type KeyObject, createPrivateKey } from 'node:crypto';
import { type JWK, calculateJwkThumbprint } from 'jose';

const MINUTE = 60 * 1000;
const DAY = 24 * 60 * MINUTE;

/** How long an access token can be used. */
export const ACCESS_TOKEN_SECONDS = 15 * 60;

const SIGNS_FOR = 30 * DAY;
/** A key is published this long before it signs, so that whoever caches the key set has it in time. */
const PUBLISHED_AHEAD = DAY;
/** By how much the clocks of two processes may differ. */
const CLOCK_LEEWAY = 5 * MINUTE;

/** An Ed25519 key pair. It signs from its instant on until the next key's; the raw keys are 32 bytes each. */
export interface SigningKey {
  readonly kid: string;
  readonly privateKey: Buffer;
  readonly publicKey: Buffer;
  readonly signsFrom: Date;
}

/**
 * The key that signs at this instant. The very first one also signs for a process whose clock is behind that of the
 * process that made it.
 * @param keys in the order in which they sign
 */
export function signingAt(keys: readonly SigningKey[], now: Date): SigningKey | undefined {
  return keys.findLast((key) => key.signsFrom <= now) ?? keys[0];
}

/**
 * From when a new key should sign, or undefined while none is due. None is due until the newest key has signed for
 * 29 days; if nobody asked for so long that its 30 days are over, the new one signs at once.
 */
export function successorDue(keys: readonly SigningKey[], now: Date): Date | undefined {
  const newest = keys.at(-1);
  if (!newest) return now;
  const end = newest.signsFrom.getTime() + SIGNS_FOR;
  return now.getTime() >= end - PUBLISHED_AHEAD ? new Date(Math.max(end, now.getTime())) : undefined;
}

/** The keys whose tokens, if any were signed, have all expired. */
export function outlived(keys: readonly SigningKey[], now: Date): SigningKey[] {
  return keys.filter((_, index) => {
    const successor = keys[index + 1];
    return successor !== undefined && successor.signsFrom.getTime() + ACCESS_TOKEN_SECONDS * 1000 + CLOCK_LEEWAY <= now.getTime();
  });
}

/** Makes a key pair out of 32 secret bytes (RFC 8032, 5.1.5); the same bytes make the same pair. */
export async function signingKeyOf(secret: Buffer, signsFrom: Date): Promise<SigningKey> {
  const { x } = asKeyObject(secret).export({ format: 'jwk' });
  if (typeof x !== 'string') throw new Error('Node.js did not derive a public Ed25519 key.');
  const kid = await calculateJwkThumbprint({ kty: 'OKP', crv: 'Ed25519', x });
  return { kid, privateKey: secret, publicKey: Buffer.from(x, 'base64url'), signsFrom };
}

/** The half that signs. */
export function privateKeyOf(key: SigningKey): KeyObject {
  return asKeyObject(key.privateKey);
}

/** The half that everybody may know, as RFC 8037 writes it. */
export function publicJwkOf(key: SigningKey): JWK {
  return { kty: 'OKP', crv: 'Ed25519', x: key.publicKey.toString('base64url'), kid: key.kid, alg: 'EdDSA', use: 'sig' };
}

/** What comes before the 32 bytes in an unencrypted PKCS #8 file (RFC 8410, section 7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

function asKeyObject(secret: Buffer): KeyObject {
  return createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, secret]), format: 'der', type: 'pkcs8' });
}
