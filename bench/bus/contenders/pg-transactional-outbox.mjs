import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createReplicationSegmentMutexConcurrencyController, DatabaseSetup, getDisabledLogger, initializeMessageStorage,
  initializePollingMessageListener, initializeReplicationMessageListener,
} from 'pg-transactional-outbox';
import { openPool } from '../../lib/pool.mjs';
import { inTransaction } from '../../lib/transaction.mjs';
import { businessRow, businessTable, effectRow, effectTable } from '../tables.mjs';

const PRODUCERS = 16;
const HANDLERS = 16;
const BATCH = 500;
const logger = getDisabledLogger();

/**
 * pg-transactional-outbox: the message is stored in the producer's transaction and comes back by logical replication;
 * the handler runs in the transaction that marks it processed, in order per key. One table serves as outbox and inbox,
 * which spares it a hop.
 *
 * A message that is handled fast enough is lost: replication tells of it when its commit is written, a moment before
 * others can see the row, and the library passes over what it does not find.
 */
export const openBus = (place) => open(place, {
  message: (event) => ({ segment: event.key }),
  setUp: (setup) => [DatabaseSetup.setupReplicationCore(setup), `SELECT pg_create_logical_replication_slot('${setup.replicationSlot}', 'pgoutput')`],
  listen: (config, handle, strategies) => initializeReplicationMessageListener(config, { handle }, logger, {
    ...strategies, concurrencyStrategy: createReplicationSegmentMutexConcurrencyController(),
  }),
});

/** The same by polling: nothing is lost; any 500 at once, without order, since it looks for order one message per key and poll. */
export const openPolling = (place) => open(place, {
  message: () => ({ concurrency: 'parallel' }),
  setUp: (setup) => [DatabaseSetup.createPollingFunction(setup), DatabaseSetup.setupPollingIndexes(setup)],
  listen: (config, handle, strategies) => initializePollingMessageListener(config, { handle }, logger, { ...strategies, batchSizeStrategy: halfEmpty }),
});

/** Looks for more when half of a batch is done: a look holds the oldest row, and a handler that meets it there fails and waits for its lock to run out. */
async function halfEmpty(underWay) {
  if (underWay <= BATCH / 2) return BATCH;
  await sleep(1);
  return underWay;
}

async function open({ url, name, arrived }, { message, setUp, listen }) {
  const pool = openPool(url, PRODUCERS);
  for (const sql of [businessTable, effectTable]) await pool.query(sql);
  const config = configFor(url, name);
  const setup = setupOf(new URL(url), config);
  for (const sql of [DatabaseSetup.dropAndCreateTable(setup), ...setUp(setup)]) await pool.query(sql);
  const store = initializeMessageStorage(config, logger);
  let stop;
  return {
    businessTable: 'business',
    effectTable: 'effect',
    produce: (event) => inTransaction(pool, async (client) => {
      await client.query(businessRow(event));
      await store({ id: randomUUID(), aggregateType: 'order', aggregateId: event.key, messageType: 'order-placed', payload: event, ...message(event) }, client);
    }),
    consume: async () => {
      const handle = async ({ payload }, client) => {
        await client.query(effectRow(payload));
        client.effectOf = payload.id;
      };
      [stop] = listen(config, handle, { messageProcessingDbClientStrategy: clientsThatTell(url, arrived) });
    },
    close: async () => {
      await stop?.();
      await pool.end();
    },
  };
}

/** Its protection against poisonous messages costs a transaction per message; ours counts attempts in one too, so it is on. */
function configFor(url, name) {
  return {
    outboxOrInbox: 'inbox',
    dbListenerConfig: { connectionString: url },
    settings: {
      dbSchema: 'public', dbTable: 'message', dbPublication: 'message_publication', dbReplicationSlot: `slot_${name}`,
      nextMessagesFunctionName: 'next_messages', nextMessagesBatchSize: BATCH, nextMessagesLockInMs: 2_000, nextMessagesPollingIntervalInMs: 20,
      enableMaxAttemptsProtection: true, enablePoisonousMessageProtection: true, messageCleanupIntervalInMs: 0,
    },
  };
}

function setupOf({ pathname, username }, { outboxOrInbox, settings }) {
  return {
    outboxOrInbox, database: pathname.slice(1), schema: settings.dbSchema, table: settings.dbTable, listenerRole: username,
    publication: settings.dbPublication, replicationSlot: settings.dbReplicationSlot, nextMessagesName: settings.nextMessagesFunctionName,
  };
}

/** The library says nothing when a message is done, but it gives its connection back only after the commit, or with an error. */
function clientsThatTell(url, arrived) {
  const pool = openPool(url, HANDLERS);
  return {
    getClient: async () => {
      const client = await pool.connect();
      const { release } = client;
      client.effectOf = undefined;
      client.release = (error) => {
        if (!error && client.effectOf !== undefined) arrived(client.effectOf);
        release(error);
      };
      return client;
    },
    shutdown: () => pool.end(),
  };
}
