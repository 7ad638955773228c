import { type CryptoKey, SignJWT, exportJWK, generateKeyPair } from 'jose';
import { TokenKeys } from '../http/index.js';

export const testIssuer = 'test-issuer';
export const testAudience = 'test-audience';

/** Whom a test request comes from. */
export interface Somebody {
  readonly id: string;
  readonly roles: readonly string[];
}

/** Signs access tokens for a test, and publishes the key that verifies them. */
export class TestTokens extends TokenKeys {
  private constructor(private readonly privateKey: CryptoKey, private readonly publicKey: CryptoKey) {
    super();
  }

  static async make(): Promise<TestTokens> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA');
    return new TestTokens(privateKey, publicKey);
  }

  override async keys(): ReturnType<TokenKeys['keys']> {
    return { keys: [{ ...await exportJWK(this.publicKey), kid: 'test', alg: 'EdDSA', use: 'sig' }] };
  }

  async tokenFor({ id, roles }: Somebody): Promise<string> {
    return new SignJWT({ roles }).setProtectedHeader({ alg: 'EdDSA', kid: 'test', typ: 'at+jwt' })
      .setSubject(id).setIssuer(testIssuer).setAudience(testAudience).setIssuedAt().setExpirationTime('1h').sign(this.privateKey);
  }
}
