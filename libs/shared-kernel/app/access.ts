import type { DynamicModule } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import type { z } from 'zod';
import type { ContextHost } from '../context/index.js';
import type { ClientOf, Contract, QueryDefinition } from '../contract/index.js';
import { SessionStatus, TokenKeys } from '../http/index.js';
import { Metrics } from '../observability/index.js';
import type { AppConfig } from './config.js';

/** The contract of the context that issues access tokens: what every app asks it, wherever it runs. */
export interface IssuerContract extends Contract {
  readonly queries: Contract['queries'] & {
    readonly signingKeys: QueryDefinition<z.ZodType<Record<string, never>>, z.ZodType<{ keys: Record<string, unknown>[] }>>;
    readonly sessionStatus: QueryDefinition<z.ZodType<{ sessionId: string }>, z.ZodType<{ isRevoked: boolean }>>;
  };
}

class SettingsModule {}

/** Gives every module of the app what its contexts are told, and the ports that access tokens are verified with. */
export function settingsModule(host: ContextHost, config: AppConfig, issuer: IssuerContract, operator: AppConfig['operator']): DynamicModule {
  const providers = [
    ...config.settings(operator),
    // The issuer's contract leaves open what a key looks like; whoever verifies with it finds out.
    { provide: TokenKeys, useFactory: (metrics: Metrics) => keysFrom(host.clientOf(issuer, metrics)), inject: [Metrics] },
    { provide: SessionStatus, useFactory: (metrics: Metrics) => sessionsFrom(host.clientOf(issuer, metrics)), inject: [Metrics] },
  ];
  return { module: SettingsModule, global: true, providers, exports: providers };
}

function keysFrom(issuer: ClientOf<IssuerContract>): TokenKeys {
  return { keys: async () => await issuer.signingKeys({}) as unknown as JSONWebKeySet };
}

function sessionsFrom(issuer: ClientOf<IssuerContract>): SessionStatus {
  return { isRevoked: async (sessionId) => (await issuer.sessionStatus({ sessionId })).isRevoked };
}
