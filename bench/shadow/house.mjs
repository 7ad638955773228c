import { randomUUID } from 'node:crypto';
import { NestFactory } from '@nestjs/core';
import { built, kernel, logWarningsOnly } from '../lib/product.mjs';

await logWarningsOnly();
const { ContextHost } = await kernel('context');
const { TokenKeys, configureHttp, httpAdapter, httpModule } = await kernel('http');
const { observabilityModule } = await kernel('observability');
const { PaymentsSettings, payments } = await built('libs/contexts/payments/index.js');
const { paymentsContract } = await built('libs/contexts/payments/contract/index.js');
const { TestTokens, testAudience, testIssuer } = await built('libs/shared-kernel/testing/tokens.js');

/** As many that a comparison for each request under way need not wait for one. */
const CONNECTIONS = 40;

/** What the app says: nobody outside is asked for money. */
export const settings = { provide: PaymentsSettings, useValue: { processor: 'test', ledger: 'tables' } };

class App {}
class Settings {}

/**
 * Payments alone behind its HTTP API, with the rooms of the kernel that an app of ours puts it together from.
 * @param {string} url of an empty database
 * @param {{ providers?: object[], witnessOf?: Function }} comparing providers that take the place of those for the same token
 */
export async function openHouse(url, { providers = [], witnessOf }) {
  const tokens = await TestTokens.make();
  const given = [settings, ...providers];
  const isGiven = (it) => given.some(({ provide }) => provide === (it.provide ?? it));
  const declaration = { ...payments, providers: [...payments.providers.filter((it) => !isGiven(it)), ...given] };
  const host = await ContextHost.open([declaration], { databaseUrl: () => url, poolSize: CONNECTIONS, ...(witnessOf && { witnessOf }) });
  const keys = { provide: TokenKeys, useValue: tokens };
  const imports = [
    observabilityModule({ service: 'bench', level: 'warn' }),
    httpModule({ title: 'bench', version: '1', issuer: testIssuer, audience: testAudience }),
    { module: Settings, global: true, providers: [keys], exports: [keys] },
    ...host.modules(),
  ];
  const app = await NestFactory.create({ module: App, imports }, httpAdapter(), { abortOnError: false, logger: ['error', 'fatal'] });
  await configureHttp(app);
  await app.listen(0, '127.0.0.1');
  return {
    app, host, url: await app.getUrl(), databaseUrl: url,
    token: await tokens.tokenFor({ id: randomUUID(), roles: ['staff'] }),
    payments: host.clientOf(paymentsContract),
    close: () => app.close(),
  };
}
