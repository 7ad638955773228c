import { type CryptoKey, SignJWT, createLocalJWKSet, errors, exportJWK, generateKeyPair, type JWK, jwtVerify } from 'jose';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../persistence/index.js';
import { CallRefused, ServiceIdentity } from '../rpc/index.js';
import { wallClock } from '../runtime/index.js';

interface KeySet {
  readonly keys: ReturnType<typeof createLocalJWKSet>;
  /** Whose key it is, and until when it is believed, by `wallClock.ticks()`. */
  readonly owners: ReadonlyMap<string, { readonly service: string; readonly until: number }>;
}

const ISSUER = 'banyan-services';
const TYPE = 'svc+jwt';
/** How long a token is good for, and for how long one is used again, in seconds: half, so that none expires on its way. */
const [TOKEN_S, REUSED_S] = [60, 30];
/** How long a key is believed without being renewed, and how often that happens. */
const [KEY_HOURS, RENEW_MS] = [2, 30 * 60_000];
/** An unknown key makes the table be asked again (it may be a second old), but not more often than this: garbage must not become load. */
const ASK_AGAIN_MS = 100;
const CLOCK_TOLERANCE_S = 5;
/** Believed tokens that are remembered at most. Each process of the house uses two a minute. */
const REMEMBERED = 1_000;

/**
 * How the processes of a house know each other. Each makes a key when it starts and writes its public half into the
 * facade's schema; who may write there is one of us. What is signed with it is good for a minute and for one app.
 */
export class ServiceKeys extends ServiceIdentity {
  private readonly kid = randomUUID();
  private readonly tokens = new Map<string, { readonly token: string; readonly until: number }>();
  /** Tokens that were verified with the keys that are known: a signature costs more than all the rest of a call. */
  private readonly believed = new Map<string, { readonly service: string; readonly until: number }>();
  private known: KeySet | undefined;
  private askedAt = -Infinity;
  private asking: Promise<KeySet> | undefined;
  private timer: NodeJS.Timeout | undefined;

  private constructor(private readonly database: Database, private readonly app: string, private readonly key: CryptoKey, private readonly jwk: JWK) {
    super();
  }

  /** @param app who this process is, and the only audience that it accepts tokens for */
  static async open(database: Database, app: string): Promise<ServiceKeys> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const keys = new ServiceKeys(database, app, privateKey, await exportJWK(publicKey));
    await keys.publish();
    // What others renewed or took back meanwhile is looked at on the same occasion.
    keys.timer = setInterval(() => void keys.publish().then(() => keys.read()).catch(() => undefined), RENEW_MS);
    keys.timer.unref();
    return keys;
  }

  /** Takes the key back. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.database.query('DELETE FROM service_key WHERE kid = $1', [this.kid]).catch(() => undefined); // it expires by itself
  }

  async tokenFor(app: string): Promise<string> {
    const known = this.tokens.get(app);
    if (known && wallClock.ticks() < known.until) return known.token;
    const now = Math.floor(wallClock.now().getTime() / 1_000);
    const token = await new SignJWT({}).setProtectedHeader({ alg: 'EdDSA', typ: TYPE, kid: this.kid })
      .setIssuer(ISSUER).setSubject(this.app).setAudience(app).setIssuedAt(now).setExpirationTime(now + TOKEN_S).sign(this.key);
    this.tokens.set(app, { token, until: wallClock.ticks() + REUSED_S * 1_000 });
    return token;
  }

  /** @throws CallRefused; what the store throws while no key was ever read */
  async verify(token: string): Promise<{ readonly service: string }> {
    const believed = this.believed.get(token);
    if (believed && wallClock.ticks() < believed.until) return { service: believed.service };
    try {
      return await this.verifyWith(this.known ?? await this.read(), token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw asRefusal(error);
    }
    return this.verifyWith(await this.readAgain(), token).catch((error: unknown) => { throw asRefusal(error); });
  }

  private async verifyWith(known: KeySet, token: string): Promise<{ readonly service: string }> {
    const { payload, protectedHeader: { kid = '' } } = await jwtVerify(token, known.keys, {
      algorithms: ['EdDSA'], typ: TYPE, issuer: ISSUER, audience: this.app, requiredClaims: ['exp', 'sub'], clockTolerance: CLOCK_TOLERANCE_S, currentDate: wallClock.now(),
    });
    const owner = known.owners.get(kid);
    if (!owner || wallClock.ticks() > owner.until) throw new errors.JWKSNoMatchingKey();
    if (payload.sub !== owner.service) throw new CallRefused(`The key of ${owner.service} does not speak for ${payload.sub}.`, { reason: 'subject' });
    this.believe(token, owner, payload.exp ?? 0);
    return { service: owner.service };
  }

  /** For as long as it would be verified again: until it expires, or its key does, or the keys are read anew. */
  private believe(token: string, { service, until }: { readonly service: string; readonly until: number }, exp: number): void {
    if (this.believed.size >= REMEMBERED) this.believed.clear();
    const expiresInMs = (exp + CLOCK_TOLERANCE_S) * 1_000 - wallClock.now().getTime();
    this.believed.set(token, { service, until: Math.min(until, wallClock.ticks() + expiresInMs) });
  }

  /** Those who ask at the same time share one look. */
  private readAgain(): Promise<KeySet> {
    this.asking ??= sleep(Math.max(0, this.askedAt + ASK_AGAIN_MS - wallClock.ticks())).then(() => this.read()).finally(() => { this.asking = undefined; });
    return this.asking;
  }

  private async read(): Promise<KeySet> {
    this.askedAt = wallClock.ticks();
    const rows = await this.database.query<{ kid: string; service: string; jwk: JWK; seconds: number }>(
      'SELECT kid, service, public_jwk AS jwk, extract(epoch FROM expires_at - now())::float8 AS seconds FROM service_key WHERE expires_at > now()');
    this.believed.clear();
    this.known = {
      keys: createLocalJWKSet({ keys: rows.map(({ kid, jwk }) => ({ ...jwk, kid, alg: 'EdDSA' })) }),
      owners: new Map(rows.map(({ kid, service, seconds }) => [kid, { service, until: this.askedAt + seconds * 1_000 }])),
    };
    return this.known;
  }

  private async publish(): Promise<void> {
    await this.database.query(
      `WITH gone AS (DELETE FROM service_key WHERE expires_at < now())
       INSERT INTO service_key (kid, service, public_jwk, expires_at) VALUES ($1, $2, $3, now() + $4 * interval '1 hour')
       ON CONFLICT (kid) DO UPDATE SET expires_at = excluded.expires_at`,
      [this.kid, this.app, JSON.stringify(this.jwk), KEY_HOURS],
    );
  }
}

function asRefusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return new CallRefused('The token of the service has expired.', { reason: 'expired' });
  if (error instanceof errors.JOSEError) return new CallRefused('The token is not one that a service of this house made for this app.', { reason: 'invalid' });
  return error;
}
