import { aptGet } from './ways/apt-get.js';
import { dockerCompose } from './ways/docker-compose.js';
import { installedServer } from './ways/installed-server.js';
import { localPort } from './ways/local-port.js';
import { namedByEnvironment } from './ways/named-by-environment.js';

/** A RabbitMQ that can be used. */
export interface Broker {
  readonly url: string;
  /** Where it came from, for people. */
  readonly how: string;
  /** Ends what was started for it; one that was there before is left alone. */
  stop(): Promise<void>;
}

export interface Search {
  /** AMQP_URL, if it is set. */
  readonly amqpUrl: string | undefined;
  /** Where a broker that has to be started keeps its data; a temporary folder that goes with it when left out. */
  readonly dataDir?: string;
  /** Tells the person who waits what takes so long. */
  readonly say: (line: string) => void;
}

/** What came of looking in one place. */
export type Outcome = { readonly found: Broker } | { readonly because: string };

/** One place to look for a broker. */
export interface Way {
  readonly name: string;
  /** @throws Error when the search must end here: somebody wanted this broker and no other */
  look(search: Search): Promise<Outcome>;
}

const inOrder: readonly Way[] = [namedByEnvironment, localPort, installedServer, dockerCompose, aptGet];

/**
 * Finds a RabbitMQ, or starts one: what AMQP_URL names; a broker on 127.0.0.1:5672; an installed rabbitmq-server;
 * docker compose; on Debian as root, one to be installed.
 * @throws Error telling of each way why it did not work
 */
export async function findBroker(search: Search, ways: readonly Way[] = inOrder): Promise<Broker> {
  const reasons: string[] = [];
  for (const way of ways) {
    const outcome = await way.look(search);
    if ('found' in outcome) return outcome.found;
    reasons.push(`  - ${way.name}: ${outcome.because}`);
  }
  throw new Error(`There is no RabbitMQ, and none could be started:\n${reasons.join('\n')}\nStart one, or name one in AMQP_URL.`);
}
