import type { DynamicModule } from '@nestjs/common';
import type { JSONWebKeySet } from 'jose';
import type { z } from 'zod';
import type { ContextHost } from '../context/index.js';
import type { Contract, QueryDefinition } from '../contract/index.js';
import { SessionStatus, TokenKeys } from '../http/index.js';
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
  const client = host.clientOf(issuer);
  const providers = [
    ...config.settings(operator),
    // The issuer's contract leaves open what a key looks like; whoever verifies with it finds out.
    { provide: TokenKeys, useValue: { keys: async () => await client.signingKeys({}) as unknown as JSONWebKeySet } satisfies TokenKeys },
    { provide: SessionStatus, useValue: { isRevoked: async (sessionId) => (await client.sessionStatus({ sessionId })).isRevoked } satisfies SessionStatus },
  ];
  return { module: SettingsModule, global: true, providers, exports: providers };
}
