import type { JSONWebKeySet } from 'jose';

/**
 * The public keys that access tokens are signed with; the app (or a context in it) provides it.
 * Asked again behind the scenes every five minutes, and at once when a token names a key that is not among them.
 */
export abstract class TokenKeys {
  abstract keys(): Promise<JSONWebKeySet>;
}

/**
 * Optional port: tells whether a session (the `sid` of an access token) was ended. Asked on every request
 * that carries a token with a `sid`, without any cache in between, so that signing out works at once; the one
 * who provides it decides what it may remember. Reads are answered without its word when it is away, marked with
 * `X-Banyan-Degraded: session-status`. Without it a token is good until it expires.
 */
export abstract class SessionStatus {
  abstract isRevoked(sessionId: string): Promise<boolean>;
}
