import { isExpectedVersionConflictError } from '@event-driven-io/emmett';
import { getPostgreSQLEventStore, postgreSQLEventStoreConsumer } from '@event-driven-io/emmett-postgresql';
import { openPool } from '../../lib/pool.mjs';
import { businessRow, businessTable, effectRow, effectTable } from '../tables.mjs';

const PRODUCERS = 16;

/** Five times the default batch, and no 50 ms of rest between two full ones. */
const pulling = { batchSize: 500, pullingFrequencyInMs: 1 };

/**
 * Emmett: the event is appended to its aggregate's stream, and an inline projection writes the business row in the
 * same transaction; a reactor handles batches, each in one transaction with its checkpoints.
 */
export const openBus = (place) => open(place, (append) => append());

/**
 * The same, with appends one at a time. Positions are given out in another order than transaction ids when
 * transactions overlap; the reactor reads by the one and remembers the other, and skips what is out of order.
 */
export function openOneByOne(place) {
  let last = Promise.resolve();
  return open(place, (append) => {
    last = last.then(append);
    return last;
  });
}

async function open({ url, arrived }, inTurn) {
  const pool = openPool(url, PRODUCERS);
  for (const sql of [businessTable, effectTable]) await pool.query(sql);
  const store = getPostgreSQLEventStore(url, { connectionOptions: { pool }, projections: [{ type: 'inline', projection: businessRows }] });
  await store.schema.migrate();
  let consumer;
  return {
    businessTable: 'business',
    effectTable: 'effect',
    produce: (event) => inTurn(() => untilNobodyWasFaster(() => store.appendToStream(event.key, [{ type: 'OrderPlaced', data: event }]))),
    consume: async () => {
      consumer = postgreSQLEventStoreConsumer({ connectionString: url, pulling });
      reactTo(consumer, arrived);
      void consumer.start();
    },
    close: async () => {
      await consumer?.close();
      await store.close();
      await pool.end();
    },
  };
}

const businessRows = {
  canHandle: ['OrderPlaced'],
  handle: async (events, { connection: { client } }) => {
    for (const { data } of events) await client.query(businessRow(data));
  },
};

/** The reactor says nothing when its batch is committed, but that is when its `handle` is over. */
function reactTo(consumer, arrived) {
  let batch = [];
  const reactor = consumer.reactor({
    processorId: 'effects',
    eachMessage: async ({ data }, { connection: { client } }) => {
      await client.query(effectRow(data));
      batch.push(data.id);
    },
  });
  const { handle } = reactor;
  reactor.handle = async (...input) => {
    batch = [];
    const result = await handle(...input).catch((error) => {
      process.stderr.write(`Emmett: ${error.message}\n`);
      throw error;
    });
    for (const id of batch) arrived(id);
    return result;
  };
}

/** Two producers may append to one stream at once; the slower one has to try again. */
async function untilNobodyWasFaster(append) {
  for (;;) {
    try {
      return await append();
    } catch (error) {
      if (!isExpectedVersionConflictError(error)) throw error;
    }
  }
}
