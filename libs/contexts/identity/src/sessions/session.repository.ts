import { Database } from '@banyan/kernel/persistence';
import { Injectable } from '@nestjs/common';
import type { Role } from '../users/user.js';
import type { RefreshToken, Session } from './session.js';

interface NewToken {
  readonly hash: Buffer;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** A session under lock, the token it was found by, and what its user may do now. */
export interface LockedSession {
  readonly session: Session;
  readonly token: RefreshToken;
  readonly roles: readonly Role[];
}

type EndReason = 'signed-out' | 'token-reused';

/** The only file that knows the tables `session` and `refresh_token`. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  async open(session: { id: string; userId: string }, token: NewToken): Promise<void> {
    await this.database.query(
      'insert into session (id, user_id, started_at, expires_at) values ($1, $2, $3, $4)',
      [session.id, session.userId, token.issuedAt, token.expiresAt],
    );
    await this.insertToken(session.id, token);
  }

  /**
   * Locks the session that a token belongs to, until commit: whoever shows any token of the family meanwhile waits.
   * The token is read after the lock is held, or it would show itself as unused to everybody who waited.
   * Served by the primary keys.
   */
  async lockByToken(hash: Buffer): Promise<LockedSession | undefined> {
    const [session] = await this.database.query<{ id: string; user_id: string; ended_at: Date | null; roles: Role[] }>(
      `select session.id, session.user_id, session.ended_at, user_account.roles
       from session join user_account on user_account.id = session.user_id
       where session.id = (select session_id from refresh_token where token_hash = $1)
       for update of session`,
      [hash],
    );
    const [token] = await this.database.query<{ used_at: Date | null; expires_at: Date }>(
      'select used_at, expires_at from refresh_token where token_hash = $1', [hash],
    );
    if (!session || !token) return undefined;
    return {
      session: { id: session.id, userId: session.user_id, endedAt: session.ended_at },
      token: { usedAt: token.used_at, expiresAt: token.expires_at },
      roles: session.roles,
    };
  }

  /** Marks the old token used and stores its successor; the family's expired tokens go. Served by the primary keys and refresh_token_of_session. */
  async rotate(sessionId: string, used: Buffer, successor: NewToken): Promise<void> {
    await this.database.query('update refresh_token set used_at = $2 where token_hash = $1', [used, successor.issuedAt]);
    await this.database.query('delete from refresh_token where session_id = $1 and expires_at <= $2', [sessionId, successor.issuedAt]);
    await this.database.query('update session set expires_at = $2 where id = $1', [sessionId, successor.expiresAt]);
    await this.insertToken(sessionId, successor);
  }

  /** Ends a session once; a later end changes nothing. Served by the primary key. */
  async end(sessionId: string, at: Date, reason: EndReason): Promise<void> {
    await this.database.query(
      'update session set ended_at = $2, end_reason = $3 where id = $1 and ended_at is null', [sessionId, at, reason],
    );
  }

  /** Served by the primary key. */
  async isOpen(sessionId: string): Promise<boolean> {
    const open = await this.database.query('select 1 from session where id = $1 and ended_at is null', [sessionId]);
    return open.length > 0;
  }

  /** Removes a user's expired sessions with their tokens, leaving those that somebody holds for the next time. Served by session_of_user. */
  async removeExpired(userId: string, now: Date): Promise<void> {
    await this.database.query(
      `delete from session where id in (
         select id from session where user_id = $1 and expires_at <= $2 for update skip locked)`,
      [userId, now],
    );
  }

  private async insertToken(sessionId: string, { hash, issuedAt, expiresAt }: NewToken): Promise<void> {
    await this.database.query(
      'insert into refresh_token (token_hash, session_id, issued_at, expires_at) values ($1, $2, $3, $4)',
      [hash, sessionId, issuedAt, expiresAt],
    );
  }
}
