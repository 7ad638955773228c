import { randomUUID } from 'node:crypto';
import { ContextHost, defineContext } from '@banyan/kernel/context';
import type { PayloadOf } from '@banyan/kernel/contract';
import { type HttpApp, SessionStatus, TokenKeys, configureHttp, httpAdapter, httpModule } from '@banyan/kernel/http';
import { observabilityModule } from '@banyan/kernel/observability';
import type { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { identityContract } from '../contract/index.js';
import { IdentitySettings, identity } from '../index.js';

export const issuer = 'https://shop.example';
export const audience = 'shop';
export const operator = { email: 'root@shop.example', password: 'the first of them all' };

const { userRegistered } = identityContract.events;

interface Request {
  readonly token?: string;
  readonly body?: unknown;
  readonly key?: string | null;
}

/** Somebody who registered and signed in. */
export interface Member {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** An app of identity alone, which verifies the tokens that it issues, as the shop does. */
export class IdentityApp {
  private constructor(readonly app: HttpApp, readonly host: ContextHost, readonly registered: readonly PayloadOf<typeof userRegistered>[]) {}

  /** @param first the first operator, if there shall be one */
  static async start(databaseUrl: string, first?: { email: string; password: string }): Promise<IdentityApp> {
    const registered: PayloadOf<typeof userRegistered>[] = [];
    const host = await ContextHost.open([identity, listener(registered)], { databaseUrl: () => databaseUrl, poolSize: 6 });
    const app = await NestFactory.create<HttpApp>(rootModule(host, first), httpAdapter(), { abortOnError: false, logger: ['fatal'] });
    try {
      await configureHttp(app);
      await app.init();
    } catch (error) {
      await app.close();
      throw error;
    }
    return new IdentityApp(app, host, registered);
  }

  get database(): Database {
    const context = this.host.contexts.find(({ declaration }) => declaration.name === 'identity');
    if (!context) throw new Error('Identity is not hosted.');
    return context.database;
  }

  get<T>(type: Type<T>): T {
    return this.app.get(type, { strict: false });
  }

  async http(method: 'GET' | 'POST' | 'PUT' | 'DELETE', url: string, { token, body, key }: Request = {}) {
    const response = await this.app.inject({
      method, url,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(method !== 'GET' && key !== null && { 'idempotency-key': key ?? randomUUID() }),
      },
      ...(body !== undefined && { payload: body as object }),
    });
    return { status: response.statusCode, headers: response.headers, text: response.body, body: response.body === '' ? undefined : response.json() };
  }

  async signIn(email: string, password: string): Promise<{ accessToken: string; refreshToken: string }> {
    const { status, body, text } = await this.http('POST', '/v1/sessions', { key: null, body: { email, password } });
    if (status !== 201) throw new Error(`Signing in was answered ${text}`);
    return body;
  }

  async member(name: string): Promise<Member> {
    const [email, password] = [`${name}@example.org`, 'correct horse battery'];
    const { body } = await this.http('POST', '/v1/users', { body: { email, password, name } });
    return { id: body.id, email, password, ...await this.signIn(email, password) };
  }

  async operatorToken(): Promise<string> {
    return (await this.signIn(operator.email, operator.password)).accessToken;
  }

  refresh(refreshToken: string) {
    return this.http('POST', '/v1/sessions/refresh', { key: null, body: { refreshToken } });
  }

  async close(): Promise<void> {
    await this.app.close();
  }
}

function rootModule(host: ContextHost, first: { email: string; password: string } | undefined): DynamicModule {
  class Root {}
  class Ports {}
  const client = host.clientOf(identityContract);
  const ports = [
    { provide: IdentitySettings, useValue: { issuer, audience, ...(first && { operator: first }) } satisfies IdentitySettings },
    { provide: TokenKeys, useValue: { keys: () => client.signingKeys({}) } satisfies TokenKeys },
    { provide: SessionStatus, useValue: { isRevoked: async (sessionId) => (await client.sessionStatus({ sessionId })).isRevoked } satisfies SessionStatus },
  ];
  return {
    module: Root,
    imports: [
      observabilityModule({ service: 'identity-test', level: 'fatal' }),
      httpModule({ title: 'Identity', version: '1', issuer, audience }),
      { module: Ports, global: true, providers: ports, exports: ports },
      ...host.modules(),
    ],
  };
}

/** Another context that hears who has registered. */
function listener(heard: PayloadOf<typeof userRegistered>[]) {
  @Handles(userRegistered)
  class Hear {
    async run(payload: PayloadOf<typeof userRegistered>): Promise<void> {
      heard.push(payload);
    }
  }
  return defineContext({
    name: 'listener', owner: 'the test', contract: { name: 'listener', commands: {}, queries: {}, events: {} },
    calls: [], listensTo: [userRegistered], entities: [], migrations: [], handlers: [Hear], sagas: [], controllers: [], providers: [],
  });
}
