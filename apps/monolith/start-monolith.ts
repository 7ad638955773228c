import { ContextHost } from '@banyan/kernel/context';
import { type HttpApp, configureHttp, httpAdapter, stopGracefully } from '@banyan/kernel/http';
import { type EventTransport, InProcessTransport, RabbitMqTransport } from '@banyan/kernel/messaging';
import { DatabaseAway, assertDurable, startEmbeddedDatabase } from '@banyan/kernel/persistence';
import { NestFactory } from '@nestjs/core';
import type { Config } from './config.js';
import { contexts } from './contexts.js';
import { monolithModule } from './monolith.module.js';
import { type Operator, developmentOperator } from './operator.js';

export interface Monolith {
  readonly app: HttpApp;
  readonly url: string;
  readonly operator: Operator;
  /** Resolves when bus and sagas have nothing left to do. */
  settled(): Promise<void>;
  /** Drains requests, stops bus and sagas, closes databases, and stops the embedded PostgreSQL if there is one. */
  stop(): Promise<void>;
}

/** Something around the shop keeps it from starting; the message says what to do. */
export class CannotStart extends Error {}

/**
 * Starts the shop as one process.
 * @throws CannotStart, DatabaseFolderUnusable, MigrationRefused; what was started is stopped again
 */
export async function startMonolith(config: Config): Promise<Monolith> {
  const started: (() => Promise<void>)[] = [];
  const stopAll = async (): Promise<void> => {
    for (const stop of started.toReversed()) await stop();
  };
  try {
    const databaseUrl = config.databaseUrl ?? await embedded(config.dataDir, started);
    const urlOf = (context: string): string => config.contextDatabaseUrls.get(context) ?? databaseUrl;
    if (config.production) await Promise.all([...new Set(contexts.map(({ name }) => urlOf(name)))].map(assertDurable));
    const operator = config.operator ? { ...config.operator, isNew: false } : await developmentOperator(config.dataDir);
    const host = await ContextHost.open(contexts, { databaseUrl: urlOf, transport: transportOf(config) }).catch((error: unknown) => { throw databaseProblem(error, urlOf); });
    const closeHost = (): Promise<void> => host.close();
    started.push(closeHost);
    const app: HttpApp = await NestFactory.create(monolithModule(host, config, operator), httpAdapter(), { bufferLogs: true, abortOnError: false });
    await configureHttp(app);
    await app.init();
    // From here on Nest's shutdown hooks close the host.
    started.splice(started.indexOf(closeHost), 1, () => stopGracefully(app));
    return { app, operator, url: await listen(app, config), settled: () => host.settled(), stop: stopAll };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Who carries events. Within the process, a broker that is named is still asked for what an earlier run left there. */
function transportOf({ eventBus, amqpUrl, amqpNamespace }: Config): EventTransport {
  if (amqpUrl === undefined) return new InProcessTransport();
  // Every context that listens lives in this app: what it has not left in the broker when it stops, nobody has.
  const settings = { url: amqpUrl, namespace: amqpNamespace, hostsAllListeners: true, connectionName: 'banyan monolith' };
  return eventBus === 'rabbitmq' ? new RabbitMqTransport(settings) : new InProcessTransport(RabbitMqTransport.toDrain(settings));
}

async function embedded(dataDir: string, started: (() => Promise<void>)[]): Promise<string> {
  const database = await startEmbeddedDatabase({ dataDir });
  started.push(() => database.stop());
  return database.url;
}

async function listen(app: HttpApp, { host, port }: Config): Promise<string> {
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
function databaseProblem(error: unknown, urlOf: (context: string) => string): unknown {
  if (!(error instanceof DatabaseAway)) return error;
  const servers = [...new Set(contexts.map(({ name }) => decodeURIComponent(new URL(urlOf(name)).host)))];
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
