import { text } from '@banyan/kernel/contract';
import { Database } from '@banyan/kernel/persistence';
import { Clock, Ids } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { WrongCredentials } from '../../contract/index.js';
import { Passwords } from '../users/passwords.js';
import type { User } from '../users/user.js';
import { UserRepository } from '../users/user.repository.js';
import { AccessTokens, type TokenPair } from './access-tokens.js';
import { RefreshTokens } from './refresh-tokens.js';
import { refreshTokenExpiry } from './session.js';
import { SessionRepository } from './session.repository.js';

/** Looser than registering: whatever cannot be right is simply wrong credentials. */
export const credentialsSchema = z.strictObject({
  email: text(1, 254).trim().toLowerCase(),
  password: z.string().min(1).max(200),
});
export type Credentials = z.output<typeof credentialsSchema>;

/** Signs somebody in. The password is checked before the transaction, so no connection waits for it. */
@Injectable()
export class OpenSession {
  constructor(
    private readonly database: Database,
    private readonly users: UserRepository,
    private readonly passwords: Passwords,
    private readonly sessions: SessionRepository,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly ids: Ids,
    private readonly clock: Clock,
  ) {}

  /** @throws WrongCredentials after the same work, whether the address is unknown or the password is wrong */
  async run({ email, password }: Credentials): Promise<TokenPair> {
    const known = await this.users.credentialsOf(email);
    const fits = await this.passwords.fits(password, known?.passwordHash);
    if (!known || !fits) {
      throw new WrongCredentials('The email address and the password do not belong together.');
    }
    return this.database.transaction(() => this.open(known.user));
  }

  private async open(user: User): Promise<TokenPair> {
    const now = this.clock.now();
    const session = { id: this.ids.next('session'), userId: user.id };
    const minted = this.refreshTokens.mint();
    await this.sessions.removeExpired(user.id, now);
    await this.sessions.open(session, { hash: minted.hash, issuedAt: now, expiresAt: refreshTokenExpiry(now) });
    return this.accessTokens.pair({ userId: user.id, roles: user.roles, sessionId: session.id }, minted.token);
  }
}
