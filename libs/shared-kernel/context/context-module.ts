import {
  type DynamicModule, Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown, type OnModuleInit, type Provider, type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { EventEnvelope } from '../contract/index.js';
import { Experiments } from '../experiment/index.js';
import { type ContextMessaging, type EventSubscription, Events } from '../messaging/index.js';
import { type HealthCheckSource, HealthChecks, Metrics } from '../observability/index.js';
import { Database } from '../persistence/index.js';
import { type Dispatcher, MeasuredTransport, type Transport, WitnessedTransport, clientToken, handledBy, clientThrough } from '../rpc/index.js';
import { Clock, Ids, Random, Secrets } from '../runtime/index.js';
import { type SagaDefinition, Sagas, type SagaExecutorParts } from '../saga/index.js';
import { askingNobody, askingWitnessed } from './asking.js';
import type { ContextDeclaration } from './define-context.js';
import { HandlerMetrics } from './handler-metrics.js';

/** A declared context with its database open. */
export interface LivingContext {
  readonly declaration: ContextDeclaration;
  readonly database: Database;
  readonly messaging: ContextMessaging;
  readonly sagas: Sagas;
}

type Resolve = SagaExecutorParts['resolve'];
/** Where a context's handlers are registered, and what carries its calls to others. */
interface Wires {
  readonly handlers: Dispatcher;
  readonly calls: Transport;
  /** Is there nobody whom its ports could ask? */
  readonly isAlone?: boolean;
}

type OnSagas = (resolve: Resolve, metrics: Metrics) => void;

/**
 * The Nest module of a context. It exports nothing: Nest itself refuses to inject one context's class into another.
 * @param onSagas told, while Nest initialises the module, how to find the classes that saga steps name, and where to count
 */
export function contextModule(context: LivingContext, { handlers, calls, isAlone = false }: Wires, onSagas: OnSagas): DynamicModule {
  const { declaration, database, messaging, sagas } = context;
  const wiring = {
    provide: ContextWiring,
    useFactory: (modules: ModuleRef, metrics: Metrics) => new ContextWiring(context, handlers, modules, metrics, onSagas),
    inject: [ModuleRef, Metrics],
  };
  return {
    module: namedModule(declaration.name),
    controllers: [...declaration.controllers] as Type[],
    providers: [
      Clock, Ids, Random, Secrets, Experiments,
      { provide: Database, useValue: database },
      { provide: Events, useValue: messaging.events },
      { provide: Sagas, useValue: sagas },
      ...declaration.calls.map((contract): Provider => ({
        provide: clientToken(contract.name), useFactory: (metrics: Metrics) => clientThrough(contract, new WitnessedTransport(new MeasuredTransport(calls, declaration.name, metrics), database), database), inject: [Metrics],
      })),
      ...(isAlone ? askingNobody : askingWitnessed)(declaration, database),
      ...declaration.handlers as Type[],
      ...stepHandlers(declaration.sagas),
      wiring,
    ],
  };
}

/** Nest tells modules apart by class; the name shows in its messages. */
function namedModule(context: string): Type {
  const name = `${context}Context`;
  return { [name]: class {} }[name] as Type;
}

/** The classes that a context's sagas name: they need no second listing among its providers. */
function stepHandlers(definitions: readonly SagaDefinition[]): Type[] {
  const classes = definitions.flatMap(({ steps, failed }) => [
    ...steps.flatMap((step) => (step.is === 'local' ? [step.handler, step.compensation] : [])),
    failed,
  ]);
  return [...new Set(classes.filter((it) => it !== undefined))] as unknown as Type[];
}

/** Connects a context's classes with the dispatcher, the bus and the sagas, before anything is started. */
class ContextWiring implements OnModuleInit {
  constructor(
    private readonly context: LivingContext,
    private readonly dispatcher: Dispatcher,
    private readonly modules: ModuleRef,
    private readonly metrics: Metrics,
    private readonly onSagas: OnSagas,
  ) {}

  onModuleInit(): void {
    const { declaration, database, messaging } = this.context;
    const subscriptions: EventSubscription[] = [];
    const measure = new HandlerMetrics(this.metrics, database);
    for (const handlerClass of declaration.handlers) {
      const { definition } = handledBy(handlerClass);
      const handler = this.modules.get<Handler>(handlerClass as Type<Handler>, { strict: true });
      if ('kind' in definition) this.dispatcher.register(database, handler);
      else subscriptions.push({ definition, run: measure.measured(definition.type, async (payload, envelope) => { await handler.run(payload, envelope); }) });
    }
    messaging.subscribe(subscriptions);
    this.onSagas((handlerClass) => this.modules.get(handlerClass as Type, { strict: true }), this.metrics);
  }
}

interface Handler {
  run(input: unknown, meta: EventEnvelope | { readonly idempotencyKey: string }): Promise<unknown>;
}

interface Lifecycle {
  start(): Promise<void>;
  stop(): Promise<void>;
  /** What readiness depends on. */
  readonly checks: readonly HealthCheckSource[];
}

const LIFECYCLE = Symbol('banyan.host.lifecycle');

/** Starts the bus and the sagas when every context is wired; stops them when HTTP has drained. */
@Injectable()
class HostLifecycle implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(@Inject(LIFECYCLE) private readonly lifecycle: Lifecycle, private readonly health: HealthChecks) {}

  async onApplicationBootstrap(): Promise<void> {
    for (const check of this.lifecycle.checks) this.health.add(check);
    await this.lifecycle.start();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.lifecycle.stop();
  }
}

class HostModule {}

/** The module that starts and stops all contexts of a process together. */
export function hostModule(lifecycle: Lifecycle): DynamicModule {
  return { module: HostModule, providers: [{ provide: LIFECYCLE, useValue: lifecycle }, HostLifecycle] };
}
