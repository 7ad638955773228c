import type { ContextDeclaration } from '@banyan/kernel/context';
import { type EventSubscription, Events, type EventTransport, MessageBus, type MessagingSettings } from '@banyan/kernel/messaging';
import { Database } from '@banyan/kernel/persistence';
import { Dispatcher, type Transport, handledBy } from '@banyan/kernel/rpc';
import { SagaExecutor, type SagaSettings, Sagas } from '@banyan/kernel/saga';
import type { DataSource } from 'typeorm';
import type { Actor } from '../engine/schedule.js';
import { SimulatedPool, dataSourceOf } from '../postgres/pool.js';
import type { SimulatedServer } from '../postgres/server.js';

/** How a process is made of the product's parts. */
export interface ProcessPlan {
  readonly declarations: readonly ContextDeclaration[];
  readonly messaging: Partial<MessagingSettings>;
  readonly sagas: Partial<SagaSettings>;
  readonly poolSize: number;
  /** Does the bus run, or are events only stored? */
  readonly relays: boolean;
  /** How a context's database is made of its connections. */
  readonly openDatabase: (context: string, source: DataSource) => Database;
  /** In place of providers of the contexts, by their class. */
  readonly providers: ReadonlyMap<unknown, unknown>;
}

interface Handler {
  run(input: unknown, meta: unknown): Promise<unknown>;
}

type AnyClass = new (...dependencies: never[]) => unknown;

/** One process of the app: real contexts, real bus, real sagas, on simulated connections. */
export class SimulatedProcess implements Actor {
  isDead = false;
  opensAt = 0;
  readonly clockOffsetMs = 0;
  readonly dispatcher = new Dispatcher();
  readonly pools: SimulatedPool[] = [];
  readonly databases = new Map<string, Database>();
  readonly messaging = new Map<string, ReturnType<MessageBus['join']>>();
  private readonly executors: SagaExecutor[] = [];
  private bus: MessageBus | undefined;

  constructor(readonly name: string, private readonly plan: ProcessPlan, private readonly server: SimulatedServer, private readonly latency: () => number) {}

  /** Wires and starts everything; to be called in an event of this process. @throws what ends a process that cannot start */
  async start(calls: Transport, events: EventTransport): Promise<void> {
    this.bus = new MessageBus(this.plan.messaging, events);
    for (const declaration of this.plan.declarations) this.wire(declaration, this.bus, calls);
    if (this.plan.relays) await this.bus.start();
    for (const executor of this.executors) executor.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.executors.map((it) => it.stop()));
    await this.bus?.stop();
    await Promise.all([...this.databases.values()].map((it) => it.close()));
  }

  /** From here on nothing it does has an effect. What it has sent may still arrive, or not. */
  kill(losesMessages: () => boolean, serverNoticesMs: () => number): void {
    this.isDead = true;
    for (const pool of this.pools) pool.cutAll(() => ({ losesMessages: losesMessages(), serverNoticesMs: serverNoticesMs() }));
  }

  private wire(declaration: ContextDeclaration, bus: MessageBus, calls: Transport): void {
    const pool = new SimulatedPool(this, declaration.name, this.plan.poolSize, this.server, this.latency);
    this.pools.push(pool);
    const database = this.plan.openDatabase(declaration.name, dataSourceOf(pool));
    this.databases.set(declaration.name, database);
    const messaging = bus.join({ database, contract: declaration.contract });
    this.messaging.set(declaration.name, messaging);
    const sagas = new Sagas(database);
    const make = maker(new Map<unknown, unknown>([...this.plan.providers, [Database, database], [Events, messaging.events], [Sagas, sagas]]));
    messaging.subscribe(this.register(declaration, database, make));
    this.executors.push(new SagaExecutor({
      database, sagas, definitions: declaration.sagas, transport: calls, settings: { ...this.plan.sagas, instance: this.name },
      resolve: (handlerClass) => make(handlerClass) as never,
    }));
  }

  private register(declaration: ContextDeclaration, database: Database, make: (anyClass: AnyClass) => unknown): EventSubscription[] {
    const subscriptions: EventSubscription[] = [];
    for (const handlerClass of declaration.handlers) {
      const { definition } = handledBy(handlerClass);
      const handler = make(handlerClass) as Handler;
      if ('kind' in definition) this.dispatcher.register(database, handler);
      else subscriptions.push({ definition, run: async (payload, envelope) => { await handler.run(payload, envelope); } });
    }
    return subscriptions;
  }
}

/** Makes instances as Nest would: dependencies by the types of the constructor, one instance per class. */
function maker(known: Map<unknown, unknown>): (anyClass: AnyClass) => unknown {
  return (anyClass) => {
    const existing = known.get(anyClass);
    if (existing) return existing;
    const types = (Reflect.getMetadata('design:paramtypes', anyClass) ?? []) as unknown[];
    const dependencies = types.map((type) => known.get(type)) as never[];
    const instance = new anyClass(...dependencies);
    known.set(anyClass, instance);
    return instance;
  };
}
