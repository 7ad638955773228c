import { type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type ContextDeclaration, ContextHost } from '../context/index.js';
import { Facade, MONOLITH } from '../facade/index.js';
import { type HttpApp, configureHttp, httpAdapter, httpModule, stopGracefully } from '../http/index.js';
import { type EventTransport, InProcessTransport, RabbitMqTransport } from '../messaging/index.js';
import { observabilityModule, startTracing } from '../observability/index.js';
import { type OperationsParts, operationsModule } from '../operations/index.js';
import { DatabaseAway, assertDurable, startEmbeddedDatabase } from '../persistence/index.js';
import { type IssuerContract, settingsModule } from './access.js';
import type { AppConfig } from './config.js';
import { frontRoutes } from './fronted-routes.js';
import { findingsOf, keepShadows, openRuns, tapesOf } from './shadows.js';
import { refuseStrangers } from './strangers.js';
import { type Operator, developmentOperator } from './operator.js';

/** What an app is: its name, the contexts that live in it, and who issues the access tokens that it accepts. */
export interface AppPlan {
  /** `monolith`, or the context that was lifted out. In log lines, and in the names of its queues. */
  readonly name: string;
  /** Of the API document. */
  readonly title: string;
  readonly version: string;
  readonly contexts: readonly ContextDeclaration[];
  /** Those whose requests come to it from outside, wherever they live: all in the monolith and in a gateway; none when left out. */
  readonly fronts?: readonly ContextDeclaration[];
  readonly issuer: IssuerContract;
  /** Those that it keeps a shadow of while their stage is "shadow"; none when left out. */
  readonly shadows?: readonly ContextDeclaration[];
}

export interface RunningApp {
  readonly app: HttpApp;
  readonly url: string;
  readonly operator: Operator;
  /** Resolves when bus and sagas have nothing left to do. */
  settled(): Promise<void>;
  /** Drains requests, stops bus and sagas, closes databases, and stops the embedded PostgreSQL if nobody else uses it. */
  stop(): Promise<void>;
}

/** Something around the app keeps it from starting; the message says what to do. */
export class CannotStart extends Error {}

/**
 * Starts an app: its database if it brings its own, its contexts, its HTTP server.
 * @throws CannotStart, DatabaseFolderUnusable, MigrationRefused; what was started is stopped again
 */
export async function startApp(plan: AppPlan, config: AppConfig): Promise<RunningApp> {
  const started: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of started.toReversed()) await stop();
  };
  try {
    if (config.tracing) started.push((await startTracing({ service: plan.name, ...config.tracing })).stop);
    const databaseUrl = config.databaseUrl ?? await embedded(config.dataDir, started);
    const urlOf = (context: string): string => config.contextDatabaseUrls.get(context) ?? databaseUrl;
    if (config.production) await Promise.all([...new Set(plan.contexts.map(({ name }) => urlOf(name)))].map(assertDurable));
    const operator = config.operator ? { ...config.operator, isNew: false } : await developmentOperator(config.dataDir);
    const explained = (error: unknown): never => { throw databaseProblem(error, plan.contexts.map(({ name }) => urlOf(name))); };
    const facade = await openFacade(plan, config, databaseUrl).catch(explained);
    started.push(() => facade.stop());
    const runs = await openRuns(databaseUrl);
    started.push(() => runs.close());
    const tapes = tapesOf(runs, { app: plan.name, facade, urlOf, reads: config.tapeReads });
    started.push(() => tapes.stop());
    const findings = facade.side === 'embedded' ? findingsOf(runs, plan.fronts ?? [], facade) : undefined;
    const host = await ContextHost.open(plan.contexts, {
      databaseUrl: urlOf, transport: transportOf(plan, config), facade, ...(config.rebuild && { rebuild: config.rebuild }),
      witnessOf: (declaration, database) => tapes.witnessOf(declaration, database),
    }).catch(explained);
    const closeHost = (): Promise<void> => host.close();
    started.push(closeHost);
    const app: HttpApp = await NestFactory.create(appModule(plan, config, host, { facade, operator, findings }), httpAdapter(), { bufferLogs: true, abortOnError: false });
    await configureHttp(app);
    app.getHttpAdapter().getInstance().addHook('onRequest', facade.side === 'embedded' ? facade.routing.hook : refuseStrangers(facade.identity));
    app.getHttpAdapter().getInstance().addHook('onRequest', facade.faults.hook);
    frontRoutes(app, (plan.fronts ?? []).filter(({ name }) => !plan.contexts.some((it) => it.name === name)));
    await app.init();
    await tapes.start();
    // From here on Nest's shutdown hooks close the host.
    started.splice(started.indexOf(closeHost), 1, () => stopGracefully(app, facade.side === 'extracted' || config.production ? { announceMs: NOTICED_MS } : {}));
    if (plan.contexts.length > 0) await takeCalls(app, host, facade, config);
    const url = await listen(app, config);
    if (plan.contexts.length > 0 || plan.shadows) {
      await facade.announce(config.advertisedUrl ?? url);
      started.push(() => facade.withdraw());
    }
    if (plan.shadows) started.push(await keepShadows(plan.shadows, config, { facade, runs, urlOf }));
    return { app, operator, url, settled: () => host.settled(), stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** How long others need to notice that a process has left the list of instances, in milliseconds, with room for a slow look. */
const NOTICED_MS = 750;
/** How long a start waits for a broker that does not answer, in milliseconds; calls are taken as soon as it does. */
const BROKER_MS = 3_000;

/** @throws CannotStart when contexts were lifted out and this process could not reach them */
async function openFacade({ name, contexts, fronts = [] }: AppPlan, config: AppConfig, databaseUrl: string): Promise<Facade> {
  const names = (all: readonly ContextDeclaration[]): string[] => all.map((it) => it.name);
  const unknown = config.upstreams.find(({ app }) => fronts.length > 0 && app !== MONOLITH && !names(fronts).includes(app));
  if (unknown) throw new CannotStart(`UPSTREAMS says where "${unknown.app}" is, and there is no such app. There are: ${[MONOLITH, ...names(fronts)].join(', ')}.`);
  const broker = config.eventBus === 'rabbitmq' && config.amqpUrl !== undefined ? { url: config.amqpUrl, namespace: config.amqpNamespace } : undefined;
  const facade = await Facade.open({ databaseUrl, app: name, contexts: names(contexts), fronts: names(fronts), upstreams: config.upstreams, broker, obeysFaultHeader: !config.production });
  const problem = unreachable(facade, name, { hasBroker: broker !== undefined, isOnlyShadow: contexts.length + fronts.length === 0 });
  if (problem === undefined) return facade;
  await facade.stop();
  throw new CannotStart(problem);
}

function unreachable(facade: Facade, app: string, { hasBroker, isOnlyShadow }: { hasBroker: boolean; isOnlyShadow: boolean }): string | undefined {
  if (hasBroker || isOnlyShadow) return undefined;
  if (app !== MONOLITH) return `${app} works together with other processes: calls and events between them need a broker. Start it with EVENT_BUS=rabbitmq and the AMQP_URL of the monolith.`;
  const lifted = facade.liftedOut();
  return lifted.length === 0 ? undefined : `${lifted.join(', ')} ${lifted.length === 1 ? 'was' : 'were'} lifted out, and without a broker nothing reaches ${lifted.length === 1 ? 'it' : 'them'}. Start with EVENT_BUS=rabbitmq; to run all in one process again, first: npx banyan stage ${lifted[0]} embedded --reason …`;
}

/** Calls of other processes come through the broker. One that is away does not keep the app from starting. */
async function takeCalls(app: HttpApp, host: ContextHost, facade: Facade, { eventBus, amqpUrl, amqpNamespace: namespace }: AppConfig): Promise<void> {
  if (eventBus !== 'rabbitmq' || amqpUrl === undefined) return;
  app.connectMicroservice({ strategy: host.callsServer({ url: amqpUrl, namespace, app: facade.app, identity: facade.identity }) });
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, BROKER_MS);
  await Promise.race([app.startAllMicroservices(), late]);
  clearTimeout(timer);
}

class AppModule {}

function appModule({ name, title, version, fronts = [], issuer }: AppPlan, config: AppConfig, host: ContextHost, { facade, operator: { email, password }, findings }: Pick<OperationsParts, 'findings'> & { readonly facade: Facade; readonly operator: Operator }): DynamicModule {
  return {
    module: AppModule,
    imports: [
      observabilityModule({ service: name, level: config.logLevel }),
      httpModule({ title, version, issuer: config.issuer, audience: config.audience, monitoring: config.monitoring, isBehindFacade: facade.side === 'extracted' }),
      settingsModule(host, config, issuer, { email, password }),
      operationsModule({ parking: host.contexts.map(({ messaging }) => messaging.parking), facade: facade.side === 'embedded' ? facade : undefined, findings, contracts: fronts.map(({ contract }) => contract) }),
      ...host.modules(),
    ],
  };
}

/** Who carries events. Within the process, a broker that is named is still asked for what an earlier run left there. */
function transportOf({ name, contexts }: AppPlan, { eventBus, amqpUrl, amqpNamespace, eventStreamDays }: AppConfig): EventTransport {
  if (amqpUrl === undefined || contexts.length === 0) return new InProcessTransport();
  // Every context that listens lives in the monolith: what that has not left in the broker when it stops, nobody has.
  const settings = { url: amqpUrl, namespace: amqpNamespace, hostsAllListeners: name === MONOLITH, connectionName: `banyan ${name}` };
  const stream = eventStreamDays === undefined ? {} : { streamDays: eventStreamDays };
  return eventBus === 'rabbitmq' ? new RabbitMqTransport({ ...settings, ...stream }) : new InProcessTransport(RabbitMqTransport.toDrain(settings));
}

async function embedded(dataDir: string, started: (() => Promise<void>)[]): Promise<string> {
  const database = await startEmbeddedDatabase({ dataDir });
  started.push(() => database.stop());
  return database.url;
}

async function listen(app: HttpApp, { host, port }: AppConfig): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (error) {
    throw portProblem(error, port);
  }
  const address = app.getHttpServer().address();
  const actualPort = typeof address === 'object' && address ? address.port : port;
  return `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${actualPort}`;
}

/** At the start an absent database is most often a wrong address, so the message names it, without the password. */
function databaseProblem(error: unknown, urls: readonly string[]): unknown {
  if (!(error instanceof DatabaseAway)) return error;
  const servers = [...new Set(urls.map((url) => decodeURIComponent(new URL(url).host)))];
  return new CannotStart(`${error.message}\nThe configured server${servers.length > 1 ? 's are' : ' is'} ${servers.join(', ')}. Start PostgreSQL there, or correct DATABASE_URL; without DATABASE_URL the shop brings its own.`);
}

function portProblem(error: unknown, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return new CannotStart(`Port ${port} is in use by another program (perhaps another Banyan). Stop that one, or choose another port: PORT=${port + 1} npm start`);
  }
  if (code === 'EACCES') return new CannotStart(`Port ${port} may not be opened by this user. Choose one above 1023: PORT=3000 npm start`);
  return error;
}
