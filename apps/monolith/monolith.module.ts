import { IdentitySettings } from '@banyan/identity';
import { identityContract } from '@banyan/identity/contract';
import type { ContextHost } from '@banyan/kernel/context';
import { SessionStatus, TokenKeys, httpModule } from '@banyan/kernel/http';
import { observabilityModule } from '@banyan/kernel/observability';
import { operationsModule } from '@banyan/kernel/operations';
import { NotificationsSettings } from '@banyan/notifications';
import { OrderingSettings } from '@banyan/ordering';
import { PaymentsSettings } from '@banyan/payments';
import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from './config.js';
import type { Operator } from './operator.js';

const SERVICE = 'monolith';
const TITLE = 'Banyan shop';
const VERSION = '1.0.0';

@Global()
@Module({})
class SettingsModule {}

@Module({})
class MonolithModule {}

/** The whole shop as one process: what the contexts are told, and who implements the kernel's ports. */
export function monolithModule(host: ContextHost, config: Config, operator: Omit<Operator, 'isNew'>): DynamicModule {
  return {
    module: MonolithModule,
    imports: [
      observabilityModule({ service: SERVICE, level: config.logLevel }),
      httpModule({ title: TITLE, version: VERSION, issuer: config.issuer, audience: config.audience, monitoring: config.monitoring }),
      settingsModule(host, config, operator),
      operationsModule({ parking: host.contexts.map(({ messaging }) => messaging.parking) }),
      ...host.modules(),
    ],
  };
}

function settingsModule(host: ContextHost, config: Config, { email, password }: Omit<Operator, 'isNew'>): DynamicModule {
  const identity = host.clientOf(identityContract);
  const identitySettings: IdentitySettings = { issuer: config.issuer, audience: config.audience, operator: { email, password } };
  const orderingSettings: OrderingSettings = { defaultPaymentMethod: config.cards.processor === 'test' ? 'test-card' : undefined };
  const providers = [
    { provide: IdentitySettings, useValue: identitySettings },
    { provide: OrderingSettings, useValue: orderingSettings },
    { provide: PaymentsSettings, useValue: paymentsSettings(config) },
    { provide: NotificationsSettings, useValue: notificationsSettings(config) },
    { provide: TokenKeys, useValue: { keys: () => identity.signingKeys({}) } satisfies TokenKeys },
    { provide: SessionStatus, useValue: { isRevoked: async (sessionId) => (await identity.sessionStatus({ sessionId })).isRevoked } satisfies SessionStatus },
  ];
  return { module: SettingsModule, providers, exports: providers };
}

function notificationsSettings({ mail: { from, folder, smtpUrl } }: Config): NotificationsSettings {
  return { from, folder, ...(smtpUrl !== undefined && { smtpUrl }) };
}

function paymentsSettings({ cards }: Config): PaymentsSettings {
  if (cards.processor === 'test') return { processor: 'test' };
  if (!cards.apiUrl) return { processor: 'stripe', stripe: { secretKey: cards.secretKey } };
  const { hostname, port, protocol } = new URL(cards.apiUrl);
  const isPlain = protocol === 'http:';
  return {
    processor: 'stripe',
    stripe: { secretKey: cards.secretKey, host: hostname, port: Number(port || (isPlain ? 80 : 443)), protocol: isPlain ? 'http' : 'https' },
  };
}
