import { currentInput, Slot, type Principal } from '../runtime/index.js';
import { Unauthenticated } from './errors.js';

/** The session that the access token of the request belongs to. */
export const sessionSlot = new Slot<string>('banyan.http.session');

/**
 * Who asks.
 * @throws Unauthenticated when nobody is signed in, which on a route that is not public cannot be
 */
export function caller(): Principal {
  const principal = currentInput()?.principal;
  if (!principal) throw new Unauthenticated('Nobody is signed in here. Send an access token.');
  return principal;
}

/**
 * The session (`sid`) that the caller's access token belongs to.
 * @throws Unauthenticated when nobody is signed in, or with a token that belongs to no session
 */
export function callerSession(): string {
  const session = sessionSlot.get();
  if (session === undefined) throw new Unauthenticated('The request belongs to no session. Sign in and send the access token you get.');
  return session;
}
