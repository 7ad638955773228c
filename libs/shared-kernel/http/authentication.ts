import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
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
  | ({ readonly is: 'known' } & TokenHolder)
  | { readonly is: 'refused'; readonly error: unknown };

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
  async identify(authorization: string | undefined): Promise<Identity> {
    if (authorization === undefined) return ANONYMOUS;
    try {
      return await this.holderOf(authorization);
    } catch (error) {
      return { is: 'refused', error };
    }
  }

  /** Does the request come from whoever the app lets monitor it? It needs no access token then, and none is looked at. */
  isMonitor(access: Access | undefined, request: FastifyRequest): boolean {
    return access?.is === 'monitoring' && isMonitor(this.settings.monitoring, request);
  }

  private async holderOf(authorization: string): Promise<Identity> {
    const token = /^Bearer +([\x21-\x7e]+) *$/i.exec(authorization)?.[1];
    if (token === undefined) throw new Unauthenticated('Only `Authorization: Bearer <access token>` is understood here.', { reason: 'scheme' });
    if (!this.verifier) throw new Internal('No module provides TokenKeys, so no access token can be verified.');
    const holder = await this.verifier.verify(token);
    if (holder.sessionId !== undefined && await this.sessions?.isRevoked(holder.sessionId)) {
      throw new Unauthenticated('The session of this access token has ended. Sign in again.', { reason: 'revoked' });
    }
    return { is: 'known', ...holder };
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
