import { Clock, Ids } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { z } from 'zod';
import { KeyRing } from '../keys/key-ring.js';
import { ACCESS_TOKEN_SECONDS, privateKeyOf } from '../keys/signing-key.js';
import { IdentitySettings } from '../settings.js';
import type { Role } from '../users/user.js';

export const tokenPairSchema = z.strictObject({
  accessToken: z.string().describe('A JWT (EdDSA). Send it as `Authorization: Bearer …`.'),
  tokenType: z.literal('Bearer'),
  expiresIn: z.int().describe('Seconds until the access token expires.'),
  refreshToken: z.string().describe('Works once, at `POST /v1/sessions/refresh`.'),
}).meta({ id: 'TokenPair' });
export type TokenPair = z.output<typeof tokenPairSchema>;

interface Holder {
  readonly userId: string;
  readonly roles: readonly Role[];
  readonly sessionId: string;
}

/** Signs access tokens: who it is, what they may do, in which session. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly settings: IdentitySettings,
    private readonly keys: KeyRing,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** A fresh access token together with the refresh token that goes with it. */
  async pair(holder: Holder, refreshToken: string): Promise<TokenPair> {
    return { accessToken: await this.sign(holder), tokenType: 'Bearer', expiresIn: ACCESS_TOKEN_SECONDS, refreshToken };
  }

  private async sign({ userId, roles, sessionId }: Holder): Promise<string> {
    const key = await this.keys.signing();
    const issuedAt = Math.floor(this.clock.now().getTime() / 1000);
    return new SignJWT({ roles, sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: key.kid })
      .setSubject(userId)
      .setIssuer(this.settings.issuer)
      .setAudience(this.settings.audience)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + ACCESS_TOKEN_SECONDS)
      .setJti(this.ids.next('access-token'))
      .sign(privateKeyOf(key));
  }
}
