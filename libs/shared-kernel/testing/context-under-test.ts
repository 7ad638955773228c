import { type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { ModuleRef, ModulesContainer, NestFactory } from '@nestjs/core';
import { type ContextDeclaration, ContextHost, type HostSettings, kernelMigrations } from '../context/index.js';
import type { EventDefinition, EventDraft, PayloadOf } from '../contract/index.js';
import { type HttpApp, TokenKeys, configureHttp, httpAdapter, httpModule } from '../http/index.js';
import { observabilityModule } from '../observability/index.js';
import { Database } from '../persistence/index.js';
import { runInput } from '../runtime/index.js';
import { type TestRequest, type TestResponse, sendRequest } from './http-request.js';
import { Witness, neighbour, ownerOf } from './neighbour.js';
import { preparedDatabase } from './prepared-database.js';
import type { TestDatabase } from './test-database.js';
import { TestTokens, testAudience, testIssuer } from './tokens.js';

export interface ContextTestSettings extends Omit<HostSettings, 'databaseUrl'> {
  /** Who plays the contexts that this one calls or hears; see `neighbour`. */
  readonly neighbours?: readonly ContextDeclaration[];
  /** Take the place of the declaration's providers with the same token, or are added: settings, adapters of the edge. */
  readonly providers?: readonly Exclude<Provider, Type>[];
}

/** One context alone: its own database, its HTTP API, the bus, its sagas; the rest of the world is played. */
export interface ContextUnderTest {
  readonly app: HttpApp;
  readonly database: Database;
  /** Where its schema is. */
  readonly storage: TestDatabase;
  /** The instance of one of the context's classes. */
  get<T>(type: Type<T> | (abstract new (...args: never[]) => T)): T;
  /** Sends a request; a body gets an Idempotency-Key of its own unless `key` says otherwise. */
  http(method: string, path: string, request?: TestRequest): Promise<TestResponse>;
  /** Sends a command or query as a neighbour would. */
  readonly host: ContextHost;
  /** Runs as one input of the context. */
  input<T>(work: () => Promise<T>): Promise<T>;
  /** Lets the owner of a foreign event announce it; it must be played by a neighbour or heard by this context. */
  announce(draft: EventDraft): Promise<void>;
  /** Resolves when bus and sagas have nothing left to do. */
  settle(): Promise<void>;
  /** Payloads of the context's own events that were delivered so far. */
  announced<E extends EventDefinition>(definition: E): PayloadOf<E>[];
  close(): Promise<void>;
}

/** Starts one context alone on a database of its own. Close it in `afterAll`. */
export async function contextUnderTest(declaration: ContextDeclaration, settings: ContextTestSettings = {}): Promise<ContextUnderTest> {
  const { neighbours = [], providers = [], ...hostSettings } = settings;
  const witness = new Witness(declaration.contract);
  const cast = [withProviders(declaration, providers), ...withOwners(declaration, neighbours), witness.declaration()];
  const schemas = cast.map(({ name, migrations }) => ({ name, migrations: [...kernelMigrations, ...migrations] }));
  const [storage, tokens] = await Promise.all([preparedDatabase(schemas), TestTokens.make()]);
  const host = await ContextHost.open(cast, { poolSize: 6, ...hostSettings, databaseUrl: () => storage.url });
  const app: HttpApp = await NestFactory.create(testModule(host, tokens), httpAdapter(), { abortOnError: false, logger: ['error', 'fatal'] });
  await configureHttp(app);
  await app.init();
  const module = moduleOf(app, declaration.name);
  const database = module.get(Database, { strict: true });
  return {
    app, host, database, storage,
    get: (type) => module.get(type, { strict: true }),
    http: (method, path, request = {}) => sendRequest(app, tokens, method, path, request),
    input: (work) => runInput({ context: declaration.name }, work),
    announce: (draft) => announceAs(host, draft),
    settle: () => host.settled(),
    announced: <E extends EventDefinition>(definition: E) => witness.payloads<PayloadOf<E>>(definition),
    close: async () => {
      await app.close();
      await storage.drop();
    },
  };
}

function testModule(host: ContextHost, tokens: TestTokens): DynamicModule {
  class TestApp {}
  const keys = { provide: TokenKeys, useValue: tokens };
  class TestKeys {}
  return {
    module: TestApp,
    imports: [
      observabilityModule({ service: 'test', level: 'error' }),
      httpModule({ title: 'test', version: '1', issuer: testIssuer, audience: testAudience }),
      { module: TestKeys, global: true, providers: [keys], exports: [keys] },
      ...host.modules(),
    ],
  };
}

function withProviders(declaration: ContextDeclaration, given: readonly Exclude<Provider, Type>[]): ContextDeclaration {
  const replaced = new Set(given.map((it) => it.provide));
  const kept = declaration.providers.filter((it) => !replaced.has(typeof it === 'function' ? it : it.provide));
  return { ...declaration, providers: [...kept, ...given] };
}

/** Owners of foreign events that nobody plays yet get a silent stand-in, so that `announce` has a home. */
function withOwners({ listensTo, name }: ContextDeclaration, neighbours: readonly ContextDeclaration[]): ContextDeclaration[] {
  const played = new Set([name, ...neighbours.map((it) => it.name)]);
  const owners = Map.groupBy(listensTo, (it) => it.type.split('.')[0] ?? '');
  const silent = [...owners].filter(([owner]) => !played.has(owner)).map(([owner, events]) =>
    neighbour({ name: owner, commands: {}, queries: {}, events: Object.fromEntries(events.map((it) => [it.type, it])) }, {}));
  return [...neighbours, ...silent];
}

async function announceAs(host: ContextHost, draft: EventDraft): Promise<void> {
  const owner = host.contexts.find(({ declaration }) => declaration.name === ownerOf(draft));
  if (!owner) throw new Error(`Nobody in this test owns ${draft.definition.type}. Add a neighbour for ${ownerOf(draft)}.`);
  await runInput({ context: owner.declaration.name }, () => owner.database.transaction(async () => {
    owner.messaging.events.announce(draft);
  }));
}

/** Where a context's own instances are found; its module class is made at run time, so it is known by name only. */
function moduleOf(app: HttpApp, context: string): ModuleRef {
  const found = [...app.get(ModulesContainer).values()].find((it) => it.metatype.name === `${context}Context`);
  if (!found) throw new Error(`There is no module of the context "${context}".`);
  return found.getProviderByKey<ModuleRef>(ModuleRef).instance;
}
