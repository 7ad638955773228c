import { InProcessTransport } from '@banyan/kernel/messaging';
import { houseContexts } from '../../house/contexts.js';
import { brokenSagaPromises } from '../../house/promises.js';
import { Book } from '../postgres/book.js';
import { World } from '../world/world.js';
import { Customer } from './customer.js';
import { evidenceOn, sagasHaveEnded } from './evidence.js';
import { type Parts, type Play, type Scenario, soundParts } from './run.js';

/** Orders are placed and their sagas run, on two processes; nothing carries the events away. */
export const sagaScenario = ({ twins, openDatabase }: Parts = soundParts): Scenario => {
  const book = new Book(twins);
  return { name: 'sagas', open: (seed, keepsHistory) => openSagas(seed, keepsHistory, book, openDatabase) };
};

function openSagas(seed: string, keepsHistory: boolean, book: Book, openDatabase: Parts['openDatabase']): Play {
  const world = new World({
    seed, book, keepsHistory, processes: 2, expectedEvents: 600,
    process: {
      declarations: houseContexts, relays: false, poolSize: 4, messaging: {}, openDatabase, providers: new Map(),
      sagas: { leaseMs: 3_000, pollMs: 1_000, attemptMs: 2_000, firstPauseMs: 100, longestPauseMs: 5_000, concurrency: 3 },
    },
    transport: () => new InProcessTransport(),
  });
  const customers = ['ann', 'bob'].map((name) => new Customer(world, name, [`${name}-1`, `${name}-2`, `${name}-3d`]));
  const orders = customers.flatMap((it) => it.orders);
  return {
    world, aftermathMs: 35_000,
    begin: () => { for (const customer of customers) customer.begin(); },
    isOver: () => customers.every((it) => it.isServed) && sagasHaveEnded(world.server, orders.length),
    broken: () => brokenSagaPromises({ orders, acknowledged: new Set(orders), customers: customers.map((it) => it.name) }, evidenceOn(world.server)),
  };
}
