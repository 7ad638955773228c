import { InProcessTransport } from '@banyan/kernel/messaging';
import { Stomach } from '../../house/books.js';
import { houseContexts } from '../../house/contexts.js';
import { brokenEventPromises, brokenSagaPromises, isAllHeard } from '../../house/promises.js';
import { Book } from '../postgres/book.js';
import { seedLog } from '../statements/outbox.js';
import { World } from '../world/world.js';
import { Customer } from './customer.js';
import { evidenceOn, sagasHaveEnded } from './evidence.js';
import { Operator } from './operator.js';
import { type Parts, type Play, type Scenario, soundParts } from './run.js';

/**
 * Orders are placed, their sagas announce events, the books hear them and announce others, which the shop hears. Some
 * customers' events upset the books for a while, so that they are parked until an operator redrives them.
 */
export const busScenario = ({ twins, openDatabase }: Parts = soundParts): Scenario => {
  const book = new Book(twins);
  return { name: 'bus', open: (seed, keepsHistory) => openBus(seed, keepsHistory, book, openDatabase) };
};

/** Emptying slots needs locks on tables, which the simulated server does not have; real servers are raced for that. */
const FOREVER_MS = 1e9;

function openBus(seed: string, keepsHistory: boolean, book: Book, openDatabase: Parts['openDatabase']): Play {
  const upset: Upset = { customers: new Set(), wellAt: 0 };
  const world = new World({
    seed, book, keepsHistory, processes: 2, expectedEvents: 1_200,
    process: {
      declarations: houseContexts, relays: true, poolSize: 8, openDatabase, providers: new Map([[Stomach, new WeakStomach(upset)]]),
      messaging: { leaseMs: 4_000, pollMs: 2_000, workers: 3, laneBatch: 4, relayBatch: 5, attempts: 3, firstDelayMs: 100, longestDelayMs: 2_000, longestPauseMs: 3_000, slotMs: FOREVER_MS, retentionMs: FOREVER_MS },
      sagas: { leaseMs: 3_000, pollMs: 2_000, attemptMs: 2_000, firstPauseMs: 100, longestPauseMs: 5_000, concurrency: 3 },
    },
    transport: () => new InProcessTransport(),
  });
  for (const { name } of houseContexts) seedLog(world.server, name);
  const customers = ['ann', 'bob'].map((name) => new Customer(world, name, [`${name}-1`, `${name}-2d`]));
  upset.now = () => world.schedule.now;
  if (world.dice.chance(0.4)) Object.assign(upset, { customers: new Set(['ann']), wellAt: world.dice.spread(1_000, 20_000) });
  const operator = new Operator(world);
  const orders = customers.flatMap((it) => it.orders);
  const demands = { orders, acknowledged: new Set(orders), customers: customers.map((it) => it.name) };
  return {
    world, aftermathMs: 10_000,
    begin: () => {
      for (const customer of customers) customer.begin();
      operator.begin();
    },
    isOver: () => customers.every((it) => it.isServed) && sagasHaveEnded(world.server, orders.length) && isAllHeard(demands, evidenceOn(world.server)),
    *broken() {
      const evidence = evidenceOn(world.server);
      yield* brokenSagaPromises(demands, evidence);
      yield* brokenEventPromises(demands, evidence);
    },
  };
}

interface Upset {
  customers: Set<string>;
  wellAt: number;
  now?: () => number;
}

/** Cannot take the events of some customers, until a certain time. */
class WeakStomach extends Stomach {
  constructor(private readonly upset: Upset) {
    super();
  }

  override digest(customer: string, n: number): void {
    const { customers, wellAt, now } = this.upset;
    if (customers.has(customer) && (now?.() ?? 0) < wellAt) throw new Error(`${customer} ${n} is more than the books can take.`);
  }
}
