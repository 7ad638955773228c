import { setTimeout as pause } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { BanyanError } from '../contract/index.js';
import { logger } from '../observability/index.js';
import { replayedInput } from '../runtime/index.js';
import { Internal, Forbidden, Unauthenticated } from './errors.js';
import type { Access } from './access.js';
import { isMonitor } from './monitoring.js';
import { HTTP_SETTINGS, type HttpSettings } from './settings.js';
import { SessionStatus, TokenKeys } from './tokens.js';
import { TokenVerifier, type TokenHolder } from './token-verifier.js';

/** What a request says about who sends it. */
export type Identity =
  | { readonly is: 'anonymous' }
  /** Only ever on a route that monitoring may use. */
  | { readonly is: 'monitor' }
  /** `isSessionUnknown`: nobody could be asked whether the session has ended. */
  | ({ readonly is: 'known'; readonly isSessionUnknown?: boolean } & TokenHolder)
  | { readonly is: 'refused'; readonly error: unknown };

/** How long a read waits for word of its session, in milliseconds. */
const PATIENCE_MS = 1_000;
const READS = new Set(['GET', 'HEAD']);

const log = logger('http');

const ANONYMOUS: Identity = { is: 'anonymous' };
const FOR_PEOPLE = 'This needs somebody who is signed in. Send an access token.';
const FOR_MONITORING = "This is for operators and for what monitors this process. Send an operator's access token, or the token that was set for monitoring.";

/** Finds out who sends a request. The ports are looked up in the whole app: any module of it may provide them. */
@Injectable()
export class Authentication {
  private verifier: TokenVerifier | undefined;
  private sessions: SessionStatus | undefined;

  constructor(
    private readonly modules: ModuleRef,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  /** Looks for the ports. @returns whether access tokens can be verified at all */
  connect(): boolean {
    const keys = this.find(TokenKeys);
    this.verifier = keys && new TokenVerifier(keys, this.settings);
    this.sessions = this.find(SessionStatus);
    return keys !== undefined;
  }

  /** Never throws: a token that is not accepted, or cannot be judged now, matters only where the route asks for one. */
  async identify(request: FastifyRequest): Promise<Identity> {
    const again = replayedInput();
    if (again) return again.principal ? { is: 'known', principal: again.principal, sessionId: undefined } : ANONYMOUS;
    const { authorization } = request.headers;
    if (authorization === undefined) return ANONYMOUS;
    try {
      return await this.holderOf(authorization, request);
    } catch (error) {
      return { is: 'refused', error };
    }
  }

  /** Does the request come from whoever the app lets monitor it? It needs no access token then, and none is looked at. */
  isMonitor(access: Access | undefined, request: FastifyRequest): boolean {
    return access?.is === 'monitoring' && isMonitor(this.settings.monitoring, request);
  }

  private async holderOf(authorization: string, request: FastifyRequest): Promise<Identity> {
    const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated('Only `Authorization: Bearer <access token>` is understood here.', { reason: 'scheme' });
    if (!this.verifier) throw new Internal('No module provides TokenKeys, so no access token can be verified.');
    const holder = await this.verifier.verify(token);
    if (holder.sessionId === undefined || this.hasBeenAsked(request)) return { is: 'known', ...holder };
    const isRevoked = READS.has(request.method) ? await this.isRevokedIfKnown(holder.sessionId) : await this.sessions?.isRevoked(holder.sessionId);
    if (isRevoked === true) throw new Unauthenticated('The session of this access token has ended. Sign in again.', { reason: 'revoked' });
    return { is: 'known', ...holder, ...(isRevoked === 'unknown' && { isSessionUnknown: true }) };
  }

  /** What the facade sends on it has asked about itself, a moment ago. */
  private hasBeenAsked({ routeOptions }: FastifyRequest): boolean {
    const context = routeOptions.config.banyan?.context;
    return this.settings.isBehindFacade === true && context !== undefined && context !== 'app';
  }

  /**
   * A session that has ended can read on until its access token expires, rather than that nobody can read anything
   * while the one who knows is away. Writes wait for him.
   */
  private async isRevokedIfKnown(sessionId: string): Promise<boolean | 'unknown'> {
    const abort = new AbortController();
    try {
      const late = pause(PATIENCE_MS, 'unknown' as const, { signal: abort.signal });
      late.catch(() => undefined);
      return await Promise.race([this.sessions?.isRevoked(sessionId) ?? false, late]);
    } catch (error) {
      if (!(error instanceof BanyanError && error.definition.http >= 503)) throw error;
      log.warn({ err: error }, 'Nobody could say whether a session has ended; its read is answered.');
      return 'unknown';
    } finally {
      abort.abort();
    }
  }

  private find<T>(port: abstract new () => T): T | undefined {
    try {
      return this.modules.get<T>(port as unknown as symbol, { strict: false });
    } catch {
      return undefined;
    }
  }
}

/**
 * Lets an identity through a route, or not.
 * @throws Unauthenticated when nobody, or nobody believable, asks; Forbidden when the roles do not suffice
 */
export function admit(access: Access, identity: Identity): void {
  if (access.is === 'public') return;
  if (identity.is === 'refused') throw identity.error;
  if (identity.is === 'monitor' && access.is === 'monitoring') return;
  if (identity.is !== 'known') throw new Unauthenticated(access.is === 'monitoring' ? FOR_MONITORING : FOR_PEOPLE);
  const roles = rolesFor(access);
  if (roles && !roles.some((role) => identity.principal.roles.includes(role))) {
    throw new Forbidden(`This needs the role ${roles.join(' or ')}, which you do not have.`, { needs: roles });
  }
}

function rolesFor(access: Access): readonly string[] | undefined {
  if (access.is === 'roles') return access.roles;
  return access.is === 'monitoring' ? ['operator'] : undefined;
}
