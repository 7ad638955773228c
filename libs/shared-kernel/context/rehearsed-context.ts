import type { DynamicModule } from '@nestjs/common';
import { type EventEnvelope, Unavailable } from '../contract/index.js';
import { type Rehearsal, rehearsal } from '../messaging/index.js';
import type { Database } from '../persistence/index.js';
import { type Call, Dispatcher } from '../rpc/index.js';
import { type SagaExecutorParts, Sagas } from '../saga/index.js';
import { contextModule } from './context-module.js';
import type { ContextDeclaration } from './define-context.js';

type Resolve = SagaExecutorParts['resolve'];

/** Where a saga's local step is to be done, and by which of its classes. */
export interface RehearsedStep {
  readonly saga: string;
  /** Its name, `undo-…` for the one that takes it back, or `failed`. */
  readonly step: string;
  readonly state: unknown;
  readonly told: { readonly name: string; readonly id: string };
}

/**
 * A context that does inputs again on a copy of its data: its own classes behind its own doors, and nobody outside. Its
 * sagas are taken no further, its events are carried nowhere, its ports are not even made; all it asks is its witness.
 */
export class RehearsedContext {
  readonly module: DynamicModule;
  private readonly dispatcher = new Dispatcher();
  private readonly bus: Rehearsal;
  private resolve: Resolve | undefined;

  /** @param database of the copy, with its witness */
  constructor(private readonly declaration: ContextDeclaration, database: Database) {
    this.bus = rehearsal(database, declaration.contract);
    const nobody = { send: async ({ operation }: Call): Promise<never> => { throw new Unavailable(`Nobody answers ${operation} in a replay.`); } };
    const living = { declaration, database, messaging: this.bus.messaging, sagas: new Sagas(database) };
    this.module = contextModule(living, { handlers: this.dispatcher, calls: nobody, isAlone: true }, (resolve) => { this.resolve = resolve; });
  }

  send(call: Call): Promise<unknown> {
    return this.dispatcher.send(call);
  }

  handle(envelope: EventEnvelope): Promise<void> {
    return this.bus.handle(envelope);
  }

  /** @throws Error when this version of the context has no such step */
  perform({ saga, step, state, told }: RehearsedStep): Promise<unknown> {
    const definition = this.declaration.sagas.find((it) => it.name === saga);
    const of = definition?.steps.find((it) => it.is === 'local' && (it.name === step || `undo-${it.name}` === step));
    const handler = of?.is === 'local' ? (of.name === step ? of.handler : of.compensation) : definition?.failed;
    if (!definition || !handler || !this.resolve) throw new Error(`There is no step "${step}" of a saga "${saga}" in this version.`);
    return this.resolve(handler).run(definition.state.parse(state), told);
  }
}
