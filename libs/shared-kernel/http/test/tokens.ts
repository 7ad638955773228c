import { randomUUID } from 'node:crypto';
import { SignJWT, exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload } from 'jose';
import { TokenKeys } from '../index.js';

export const ISSUER = 'https://shop.test';
export const AUDIENCE = 'shop';

/** Signs access tokens for tests, and is the key source that verifies them. */
export class TestIssuer extends TokenKeys {
  readonly kid = randomUUID();
  asked = 0;

  private constructor(private readonly pair: Awaited<ReturnType<typeof generateKeyPair>>) {
    super();
  }

  static async create(): Promise<TestIssuer> {
    return new TestIssuer(await generateKeyPair('EdDSA', { extractable: true }));
  }

  async keys(): Promise<JSONWebKeySet> {
    this.asked += 1;
    return { keys: [{ ...await exportJWK(this.pair.publicKey), kid: this.kid, alg: 'EdDSA', use: 'sig' }] };
  }

  /** @param claims replace those of a good token; @param header likewise */
  async token(claims: JWTPayload & { roles?: unknown; sid?: unknown } = {}, header: { kid?: string; typ?: string } = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    return new SignJWT({ sub: 'ada', roles: ['customer'], iss: ISSUER, aud: AUDIENCE, iat: now, exp: now + 60, ...claims })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: this.kid, ...header })
      .sign(this.pair.privateKey);
  }

  async bearer(claims: JWTPayload & { roles?: unknown; sid?: unknown } = {}): Promise<string> {
    return `Bearer ${await this.token(claims)}`;
  }
}
