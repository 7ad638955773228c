import { type TestBroker, testBroker } from '../../../testing/plain.js';
import { InProcessTransport, RabbitMqTransport } from '../../index.js';
import { contextNames } from '../contexts.js';
import { House } from '../house.js';
import type { Instance, InstanceOptions } from '../instance.js';

/** One copy of the app, in one process or in several. */
export interface App {
  /** Where the context that announces runs. */
  readonly source: Instance;
  /** Where those that listen run; may be the same. */
  readonly listeners: Instance;
  /** Whether nothing will happen by itself any more. */
  idle(): Promise<boolean>;
  stop(): Promise<void>;
}

/** How the contexts are spread over processes, and what carries their events. */
export interface Placement {
  readonly house: House;
  /** Starts another copy of the app on the same databases. */
  app(options?: Omit<InstanceOptions, 'transport' | 'hosts'>): Promise<App>;
  close(): Promise<void>;
}

async function inProcess(): Promise<Placement> {
  const house = await House.open();
  return {
    house,
    app: async (options = {}) => together(await house.instance({ ...options, transport: new InProcessTransport() })),
    close: () => house.close(),
  };
}

async function overRabbitMq(): Promise<Placement> {
  const [house, broker] = await Promise.all([House.open(), testBroker()]);
  return {
    house,
    app: async (options = {}) => together(await house.instance({ ...options, transport: new RabbitMqTransport(broker) })),
    close: () => closeBoth(house, broker),
  };
}

async function apartOverRabbitMq(): Promise<Placement> {
  const [house, broker] = await Promise.all([House.open(), testBroker()]);
  return {
    house,
    app: async (options = {}) => {
      // Whoever listens comes first: what is announced before anybody listened is for nobody.
      const listeners = await house.instance({ ...options, hosts: ['left', 'right'], transport: new RabbitMqTransport(broker) });
      const source = await house.instance({ ...options, hosts: ['source'], transport: new RabbitMqTransport(broker) });
      return {
        source, listeners,
        idle: async () => (await source.bus.idle()) && (await listeners.bus.idle()),
        stop: async () => { await Promise.all([source.stop(), listeners.stop()]); },
      };
    },
    close: () => closeBoth(house, broker),
  };
}

/** Every placement by the name that tests show. */
export const placements = {
  'in process': inProcess,
  'over RabbitMQ': overRabbitMq,
  'in two processes over RabbitMQ': apartOverRabbitMq,
} as const satisfies Record<string, () => Promise<Placement>>;

export type PlacementName = keyof typeof placements;

function together(instance: Instance): App {
  return { source: instance, listeners: instance, idle: () => instance.bus.idle(), stop: () => instance.stop() };
}

async function closeBoth(house: House, broker: TestBroker): Promise<void> {
  await house.close();
  await broker.drop(contextNames);
}
