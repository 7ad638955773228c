const DAY = 24 * 60 * 60 * 1000;

/** How long a refresh token can be used, once; every refresh starts the time anew. */
const REFRESH_TOKEN_LIFETIME = 30 * DAY;

/** One sign-in and all refresh tokens that descend from it. */
export interface Session {
  readonly id: string;
  readonly userId: string;
  readonly endedAt: Date | null;
}

/** A refresh token as it is kept: by its hash, and with when it was used. */
export interface RefreshToken {
  readonly usedAt: Date | null;
  readonly expiresAt: Date;
}

/** What becomes of a refresh token that is shown. */
export type Verdict = 'rotate' | 'reused' | 'over';

/**
 * Judges a refresh token. A second use is what a stolen copy looks like, so it counts even when the session
 * is over; a client that sends one token twice at the same time cannot be told from a thief.
 */
export function judge(session: Session, token: RefreshToken, now: Date): Verdict {
  if (token.usedAt) return 'reused';
  if (session.endedAt || token.expiresAt <= now) return 'over';
  return 'rotate';
}

/** When a refresh token made now stops working. */
export function refreshTokenExpiry(now: Date): Date {
  return new Date(now.getTime() + REFRESH_TOKEN_LIFETIME);
}
