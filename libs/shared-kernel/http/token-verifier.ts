import { createLocalJWKSet, errors, jwtVerify } from 'jose';
import { z } from 'zod';
import { wallClock, type Principal } from '../runtime/index.js';
import { Unauthenticated } from './errors.js';
import type { TokenKeys } from './tokens.js';

/** What an access token says once it is believed. */
export interface TokenHolder {
  readonly principal: Principal;
  readonly sessionId: string | undefined;
}

/** Signatures by these only: `none` and the symmetric ones, for which a public key would be the secret, are not among them. */
const ALGORITHMS = ['EdDSA', 'Ed25519', 'ES256'];
const CLOCK_TOLERANCE_S = 5;
const KEYS_FRESH_MS = 5 * 60_000;
/** An unknown key id makes the keys be asked for again, but not more often than this: garbage must not become load. */
const REFRESH_PAUSE_MS = 5_000;

/** A token that was verified is believed for so long without looking at its signature again; so many are remembered. */
const [BELIEVED_MS, MOST_BELIEVED] = [60_000, 1_000];

const claimsSchema = z.object({
  exp: z.number(),
  sub: z.string().min(1).max(256),
  roles: z.array(z.string().max(64)).max(64).default([]),
  sid: z.string().min(1).max(256).optional(),
});

interface Believed {
  readonly holder: TokenHolder;
  /** By `wallClock.ticks()`. */
  readonly until: number;
}

interface CachedKeys {
  readonly set: ReturnType<typeof createLocalJWKSet>;
  readonly at: number;
}

/** Verifies access tokens: signature, `typ`, issuer, audience and expiry. Requests that need keys at the same time share one fetch. */
export class TokenVerifier {
  private cached: CachedKeys | undefined;
  private fetching: Promise<CachedKeys> | undefined;
  /** By token. A client sends the same one many times, and a signature costs more to verify than most requests to answer. */
  private readonly believed = new Map<string, Believed>();

  constructor(
    private readonly source: TokenKeys,
    private readonly expected: { readonly issuer: string; readonly audience: string },
  ) {}

  /** @throws Unauthenticated with the `reason`; whatever the key source throws when there are no keys to verify with */
  async verify(token: string): Promise<TokenHolder> {
    const known = this.believed.get(token);
    if (known && wallClock.ticks() < known.until) return known.holder;
    this.believed.delete(token);
    const claims = claimsSchema.safeParse(await this.payloadOf(token));
    if (!claims.success) throw refused('claims', 'The access token lacks who it is for, or its roles are not a list of names.');
    const { sub, roles, sid, exp } = claims.data;
    const holder = { principal: { id: sub, roles }, sessionId: sid };
    this.remember(token, holder, Math.min(BELIEVED_MS, exp * 1_000 - wallClock.now().getTime()));
    return holder;
  }

  private remember(token: string, holder: TokenHolder, ms: number): void {
    const [oldest] = this.believed.keys();
    if (this.believed.size >= MOST_BELIEVED && oldest !== undefined) this.believed.delete(oldest);
    this.believed.set(token, { holder, until: wallClock.ticks() + ms });
  }

  private async payloadOf(token: string): Promise<unknown> {
    const keys = await this.keys();
    try {
      return await this.verifyWith(keys.set, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || wallClock.ticks() - keys.at < REFRESH_PAUSE_MS) throw asRefusal(error);
    }
    const fresh = await this.fetch();
    return this.verifyWith(fresh.set, token).catch((error: unknown) => { throw asRefusal(error); });
  }

  private async verifyWith(keys: CachedKeys['set'], token: string): Promise<unknown> {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: ALGORITHMS,
      typ: 'at+jwt',
      issuer: this.expected.issuer,
      audience: this.expected.audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: CLOCK_TOLERANCE_S,
      currentDate: wallClock.now(),
    });
    return payload;
  }

  private async keys(): Promise<CachedKeys> {
    const { cached } = this;
    if (!cached) return this.fetch();
    // Keys a little old are better than letting everybody wait for a source that is out.
    if (wallClock.ticks() - cached.at > KEYS_FRESH_MS) void this.fetch().catch(() => undefined);
    return cached;
  }

  private fetch(): Promise<CachedKeys> {
    this.fetching ??= this.source.keys()
      .then((set) => (this.cached = { set: createLocalJWKSet(set), at: wallClock.ticks() }))
      .finally(() => { this.fetching = undefined; });
    return this.fetching;
  }
}

function refused(reason: string, message: string): Error {
  return new Unauthenticated(message, { reason });
}

function asRefusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return refused('expired', 'The access token has expired. Refresh the session to get a new one.');
  if (error instanceof errors.JOSEError) return refused('invalid', 'The access token is not one that this server accepts. Sign in to get another.');
  return error;
}
