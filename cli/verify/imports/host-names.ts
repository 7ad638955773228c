import type { Arrow, Room } from '../../house/index.js';
import type { Objection } from './objection.js';

/**
 * Names on the kernel's doors that are for the apps, which open, wire and stop contexts. A context with one of them in
 * its hands could reach another context's database, handlers or events past the walls.
 */
const forHosts: Readonly<Record<string, readonly string[]>> = {
  persistence: ['openDatabase', 'provisionContext', 'startEmbeddedDatabase', 'assertDurable'],
  rpc: ['Dispatcher', 'clientThrough', 'sendCommand', 'clientToken'],
  messaging: ['MessageBus', 'InProcessTransport', 'RabbitMqTransport', 'removeFromBroker'],
  saga: ['SagaExecutor'],
  http: ['httpModule', 'httpAdapter', 'configureHttp', 'openApiDocument', 'stopGracefully'],
  observability: ['loggingModule', 'observabilityModule'],
  context: ['ContextHost', 'contextModule'],
  runtime: ['Slot'],
};

/** A context gets what it may use from its constructor, already its own. */
export function hostNames({ names }: Arrow, from: Room, to: Room): Objection | undefined {
  if (names.includes('*') && forHosts[to.name]) {
    return {
      rule: 'host-name', subject: '*', problem: `${from.id} imports everything of ${to.id}, so nobody can tell what it uses.`,
      instead: 'Import the names that are used.',
    };
  }
  const taken = names.find((it) => forHosts[to.name]?.includes(it));
  if (!taken) return undefined;
  return {
    rule: 'host-name', subject: taken, problem: `${from.id} imports ${taken} of ${to.id}, which is for apps that host contexts.`,
    instead: 'Take Database, Events, Sagas, Clock, Ids, Random or a @Client(contract) in the constructor: Nest gives each context its own.',
  };
}
