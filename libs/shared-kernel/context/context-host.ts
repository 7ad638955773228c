import type { DynamicModule } from '@nestjs/common';
import type { ClientOf, Contract } from '../contract/index.js';
import { idempotencyMigrations } from '../http/index.js';
import type { Facade } from '../facade/index.js';
import { type EventTransport, MessageBus, type MessagingSettings, type ReadModel, RebuildRefused, messagingMigrations } from '../messaging/index.js';
import type { HealthCheckSource, Metrics } from '../observability/index.js';
import { type Database, type Migration, type Witness, openDatabase, provisionContext } from '../persistence/index.js';
import { CallsServer, type CallsServerParts, Dispatcher, MeasuredTransport, type Transport, clientThrough, rpcMigrations } from '../rpc/index.js';
import { tapeMigrations } from '../parallel-run/index.js';
import { SagaExecutor, type SagaSettings, Sagas, sagaMigrations } from '../saga/index.js';
import { type LivingContext, contextModule, hostModule } from './context-module.js';
import { type ContextDeclaration, tablesOf } from './define-context.js';
import { Housekeeping } from './housekeeping.js';
import type { ScrapePatience } from './context-gauges.js';
import { metricsModule } from './metrics-module.js';
import { sagaMetrics } from './saga-metrics.js';

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
  /** How long a scrape of the metrics waits for each context. */
  readonly scrape?: ScrapePatience;
  /** Says where contexts run; all of them here when left out. */
  readonly facade?: Facade;
  /** Who sees what a context does, if anybody. */
  readonly witnessOf?: (context: ContextDeclaration, database: Database) => Witness | undefined;
  /** The context whose read model is made anew from the event stream; none when left out. */
  readonly rebuild?: { readonly context: string; readonly acceptsPartial: boolean };
}

/** Who calls where it is no context. */
const APP = 'app';

/** The kernel's own tables, in every context's schema. */
export const kernelMigrations: readonly Migration[] = [...idempotencyMigrations, ...rpcMigrations, ...messagingMigrations, ...sagaMigrations, ...tapeMigrations];

/** Their names. */
export const kernelTables: ReadonlySet<string> = new Set(tablesOf(kernelMigrations));

/** The contexts of one process: their databases, and what runs between them. */
export class ContextHost {
  private readonly executors: SagaExecutor[] = [];
  /** Runs calls in this process. */
  private readonly here: Transport;
  /** Carries what contexts of this process ask of any context. */
  private readonly calls: Transport;

  private constructor(
    readonly contexts: readonly LivingContext[],
    private readonly bus: MessageBus,
    private readonly dispatcher: Dispatcher,
    private readonly settings: Pick<HostSettings, 'sagas' | 'facade' | 'scrape'>,
  ) {
    this.here = settings.facade?.faults.around(dispatcher) ?? dispatcher;
    this.calls = settings.facade?.transport(this.here) ?? this.here;
  }

  /**
   * Provisions and opens every context's database; nothing is handled before Nest has started the modules.
   * @throws DatabaseAway, MigrationRefused, RebuildRefused; what was opened until then is closed
   */
  static async open(declarations: readonly ContextDeclaration[], settings: HostSettings): Promise<ContextHost> {
    requireReadModel(declarations, settings);
    const bus = new MessageBus(settings.messaging, settings.transport);
    const dispatcher = new Dispatcher();
    const outcomes = await Promise.allSettled(declarations.map((it) => openContext(it, settings, bus)));
    const opened = outcomes.flatMap((it) => (it.status === 'fulfilled' ? [it.value] : []));
    const failed = outcomes.find((it) => it.status === 'rejected');
    if (failed) {
      await Promise.all(opened.map(({ database }) => database.close()));
      throw failed.reason;
    }
    return new ContextHost(opened, bus, dispatcher, settings);
  }

  /** One Nest module per context, and one that starts and stops them together. */
  modules(): DynamicModule[] {
    const { facade, sagas: settings = {} } = this.settings;
    const modules = this.contexts.map((context) => contextModule(context, { handlers: this.dispatcher, calls: this.calls }, (resolve, metrics) => {
      const { database, sagas, declaration: { name, sagas: definitions } } = context;
      const executor = new SagaExecutor({
        database, sagas, definitions, resolve, settings, transport: new MeasuredTransport(this.calls, name, metrics), observer: sagaMetrics(metrics, name),
        ...(facade && { isOnDuty: () => facade.runsSagasOf(name) }),
      });
      facade?.dutyOf(name).onChange(() => executor.dutyChanged());
      this.executors.push(executor);
    }));
    const housekeeping = new Housekeeping(this.contexts.map(({ database }) => database));
    return [...modules, metricsModule(this.contexts, this.settings.scrape), hostModule({
      start: async () => {
        await this.bus.start();
        await this.bus.noteBypass();
        housekeeping.start();
        for (const executor of this.executors) executor.start();
      },
      stop: async () => {
        await Promise.all(this.executors.map((it) => it.stop()));
        await this.bus.stop();
        await this.bus.noteBypass();
        await housekeeping.stop();
        await this.close();
      },
      checks: [...this.contexts.map(({ database }) => answers(database)), { name: 'event-bus', check: async () => this.bus.health() }],
    })];
  }

  /** The app's own client of a contract, for wiring such as the keys that tokens are verified with. @param metrics where its calls are counted, if at all */
  clientOf<C extends Contract>(contract: C, metrics?: Metrics): ClientOf<C> {
    return clientThrough(contract, metrics ? new MeasuredTransport(this.calls, APP, metrics) : this.calls, { context: APP, inTransaction: false });
  }

  /** Takes calls of other processes for the contexts that live here. */
  callsServer(parts: Omit<CallsServerParts, 'here'>): CallsServer {
    return new CallsServer({ ...parts, here: this.here });
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

/** A wish that nobody here could fulfil must not pass unnoticed. */
function requireReadModel(declarations: readonly ContextDeclaration[], { rebuild }: HostSettings): void {
  if (!rebuild || declarations.some((it) => it.name === rebuild.context && it.readModel)) return;
  throw new RebuildRefused(`"${rebuild.context}" cannot be rebuilt here: this process has no context of that name that declares a read model.`);
}

function readModelOf({ name, readModel }: ContextDeclaration, { rebuild }: HostSettings): { readonly readModel?: ReadModel } {
  if (!readModel) return {};
  return { readModel: { tables: readModel, ...(rebuild?.context === name && { rebuild }) } };
}

async function openContext(declaration: ContextDeclaration, settings: HostSettings, bus: MessageBus): Promise<LivingContext> {
  const { name, entities, migrations, contract } = declaration;
  const { url } = await provisionContext({ adminUrl: settings.databaseUrl(name), name, migrations: [...kernelMigrations, ...migrations] });
  const database = await openDatabase({
    context: name, url, applicationName: `banyan-${name}`, entities: [...entities],
    ...(settings.poolSize !== undefined && { poolSize: settings.poolSize }),
  });
  database.witness = settings.witnessOf?.(declaration, database);
  const duty = settings.facade && { duty: settings.facade.dutyOf(name) };
  return { declaration, database, messaging: bus.join({ database, contract, ...duty, ...readModelOf(declaration, settings) }), sagas: new Sagas(database) };
}
