import type { DynamicModule } from '@nestjs/common';
import type { ClientOf, Contract } from '../contract/index.js';
import { idempotencyMigrations } from '../http/index.js';
import { type EventTransport, MessageBus, type MessagingSettings, messagingMigrations } from '../messaging/index.js';
import type { HealthCheckSource } from '../observability/index.js';
import { type Database, type Migration, openDatabase, provisionContext } from '../persistence/index.js';
import { Dispatcher, clientThrough, rpcMigrations } from '../rpc/index.js';
import { SagaExecutor, type SagaSettings, Sagas, sagaMigrations } from '../saga/index.js';
import { type LivingContext, contextModule, hostModule } from './context-module.js';
import type { ContextDeclaration } from './define-context.js';
import { Housekeeping } from './housekeeping.js';
import { metricsModule } from './metrics-module.js';

/** What an app decides about the contexts it hosts. */
export interface HostSettings {
  /** The owner's URL of the server that a context lives on. */
  readonly databaseUrl: (context: string) => string;
  /** Connections per context; 10 when left out. */
  readonly poolSize?: number;
  readonly messaging?: Partial<MessagingSettings>;
  /** What carries events between contexts; within this process when left out. */
  readonly transport?: EventTransport;
  readonly sagas?: Partial<SagaSettings>;
}

/** The kernel's own tables, in every context's schema. */
export const kernelMigrations: readonly Migration[] = [...idempotencyMigrations, ...rpcMigrations, ...messagingMigrations, ...sagaMigrations];

/** The contexts of one process: their databases, and what runs between them. */
export class ContextHost {
  private readonly executors: SagaExecutor[] = [];

  private constructor(
    readonly contexts: readonly LivingContext[],
    private readonly bus: MessageBus,
    private readonly dispatcher: Dispatcher,
    private readonly sagaSettings: Partial<SagaSettings>,
  ) {}

  /**
   * Provisions and opens every context's database; nothing is handled before Nest has started the modules.
   * @throws DatabaseAway, MigrationRefused; what was opened until then is closed
   */
  static async open(declarations: readonly ContextDeclaration[], settings: HostSettings): Promise<ContextHost> {
    const bus = new MessageBus(settings.messaging, settings.transport);
    const dispatcher = new Dispatcher();
    const outcomes = await Promise.allSettled(declarations.map((it) => openContext(it, settings, bus)));
    const opened = outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
    const failed = outcomes.find((it) => it.status === 'rejected');
    if (failed) {
      await Promise.all(opened.map(({ database }) => database.close()));
      throw failed.reason;
    }
    return new ContextHost(opened, bus, dispatcher, settings.sagas ?? {});
  }

  /** One Nest module per context, and one that starts and stops them together. */
  modules(): DynamicModule[] {
    const modules = this.contexts.map((context) => contextModule(context, this.dispatcher, (resolve, observer) => {
      this.executors.push(new SagaExecutor({
        database: context.database, sagas: context.sagas, definitions: context.declaration.sagas,
        transport: this.dispatcher, resolve, observer, settings: this.sagaSettings,
      }));
    }));
    const housekeeping = new Housekeeping(this.contexts.map(({ database }) => database));
    return [...modules, metricsModule(this.contexts), hostModule({
      start: async () => {
        await this.bus.start();
        housekeeping.start();
        for (const executor of this.executors) executor.start();
      },
      stop: async () => {
        await Promise.all(this.executors.map((it) => it.stop()));
        await this.bus.stop();
        await housekeeping.stop();
        await this.close();
      },
      checks: [...this.contexts.map(({ database }) => answers(database)), { name: 'event-bus', check: async () => this.bus.health() }],
    })];
  }

  /** The app's own client of a contract, for wiring such as the keys that tokens are verified with. */
  clientOf<C extends Contract>(contract: C): ClientOf<C> {
    return clientThrough(contract, this.dispatcher, { context: 'app', inTransaction: false });
  }

  /**
   * Resolves when nothing will happen by itself any more: no saga due, no event on its way. Sagas that wait for
   * their next attempt do not count. For tests and tools; under traffic it may never resolve.
   */
  async settled(): Promise<void> {
    do {
      await Promise.all(this.executors.map((it) => it.idle()));
    } while (!(await this.bus.idle()) || !(await this.isQuiet()));
  }

  /** The bus may have woken a saga, and a saga the bus: both must be quiet in the same look. */
  private async isQuiet(): Promise<boolean> {
    await Promise.all(this.executors.map((it) => it.idle()));
    return this.bus.idle();
  }

  /** Closes the databases; only needed when the modules were never started. */
  async close(): Promise<void> {
    await Promise.all(this.contexts.map(({ database }) => database.close()));
  }
}

/** Readiness asks every context's database for a sign of life. */
function answers(database: Database): HealthCheckSource {
  return {
    name: `database:${database.context}`,
    check: async () => {
      await database.query('SELECT 1');
      return { is: 'up' };
    },
  };
}

async function openContext(declaration: ContextDeclaration, settings: HostSettings, bus: MessageBus): Promise<LivingContext> {
  const { name, entities, migrations, contract } = declaration;
  const { url } = await provisionContext({ adminUrl: settings.databaseUrl(name), name, migrations: [...kernelMigrations, ...migrations] });
  const database = await openDatabase({
    context: name, url, applicationName: `banyan-${name}`, entities: [...entities],
    ...(settings.poolSize !== undefined && { poolSize: settings.poolSize }),
  });
  return { declaration, database, messaging: bus.join({ database, contract }), sagas: new Sagas(database) };
}
