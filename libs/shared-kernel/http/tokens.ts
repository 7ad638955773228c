import type { JSONWebKeySet } from 'jose';

/**
 * The public keys that access tokens are signed with; the app (or a context in it) provides it.
 * Kept for five minutes, and asked again when a token names a key that is not among them.
 */
export abstract class TokenKeys {
  abstract keys(): Promise<JSONWebKeySet>;
}

/**
 * Optional port: tells whether a session (the `sid` of an access token) was ended. Asked on every request
 * that carries a token with a `sid`, without any cache in between, so that signing out works at once; the one
 * who provides it decides what it may remember. Without it a token is good until it expires.
 */
export abstract class SessionStatus {
  abstract isRevoked(sessionId: string): Promise<boolean>;
}
