import { logger } from '@banyan/kernel/observability';
import { Database } from '@banyan/kernel/persistence';
import { Clock } from '@banyan/kernel/runtime';
import { unreachable } from '@banyan/kernel/words';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RefreshTokenReused, SessionEnded } from '../../contract/index.js';
import { AccessTokens, type TokenPair } from './access-tokens.js';
import { RefreshTokens, hashOf } from './refresh-tokens.js';
import { judge, refreshTokenExpiry } from './session.js';
import { type LockedSession, SessionRepository } from './session.repository.js';

export const refreshSchema = z.strictObject({ refreshToken: z.string().min(1).max(200) });

const log = logger('identity');

type Outcome = { is: 'rotated'; pair: TokenPair } | { is: 'reused' } | { is: 'over' };

/**
 * Exchanges a refresh token for a new pair; the token shown works no more.
 * The row lock on the session lets one of several at a time through: the first rotates, every other one finds the
 * token used and ends the session, the first one's new token included. A process that dies before commit has
 * changed nothing; one that dies after it leaves the client with a used token, and so with signing in again.
 */
@Injectable()
export class RefreshSession {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly clock: Clock,
  ) {}

  /**
   * @throws RefreshTokenReused when the token was used before; its session is over then
   * @throws SessionEnded when the token is unknown or expired, or its session over
   */
  async run({ refreshToken }: z.output<typeof refreshSchema>): Promise<TokenPair> {
    const outcome = await this.database.transaction(() => this.exchange(hashOf(refreshToken)));
    // Thrown after the commit: the end of the session must outlive the refusal.
    switch (outcome.is) {
      case 'rotated': return outcome.pair;
      case 'reused': throw new RefreshTokenReused('This refresh token was used before. Its session was ended: sign in again.');
      case 'over': throw new SessionEnded('This refresh token does not work (any more). Sign in again.');
      default: return unreachable(outcome);
    }
  }

  private async exchange(hash: Buffer): Promise<Outcome> {
    const locked = await this.sessions.lockByToken(hash);
    if (!locked) return { is: 'over' };
    const now = this.clock.now();
    const verdict = judge(locked.session, locked.token, now);
    if (verdict === 'rotate') return { is: 'rotated', pair: await this.rotate(locked, hash, now) };
    if (verdict === 'reused') await this.endForReuse(locked, now);
    return { is: verdict };
  }

  private async endForReuse({ session }: LockedSession, now: Date): Promise<void> {
    log.warn({ userId: session.userId, sessionId: session.id }, 'A refresh token was shown again; its session ends.');
    await this.sessions.end(session.id, now, 'token-reused');
  }

  private async rotate({ session, roles }: LockedSession, used: Buffer, now: Date): Promise<TokenPair> {
    const minted = this.refreshTokens.mint();
    await this.sessions.rotate(session.id, used, { hash: minted.hash, issuedAt: now, expiresAt: refreshTokenExpiry(now) });
    return this.accessTokens.pair({ userId: session.userId, roles, sessionId: session.id }, minted.token);
  }
}
