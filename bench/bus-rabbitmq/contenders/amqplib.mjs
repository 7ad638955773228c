import amqplib from 'amqplib';
import { businessTable, effectRowOnce, effectRows, effectTable } from '../../bus/tables.mjs';
import { openOutbox } from '../../lib/outbox.mjs';
import { openPool } from '../../lib/pool.mjs';
import { quorumQueue } from '../queue.mjs';

const HANDLERS = 16;
const PREFETCH = 100;
const BATCH = 500;

/**
 * amqplib by hand, a message at a time: an outbox whose reader publishes 500 messages, waits for their confirms and
 * removes them; a handler per message, which is acknowledged when its effect is committed. A message may come again,
 * so the effect is written once by its key. No order: a hundred messages are handled at once.
 */
export const openBus = (place) => open(place, PREFETCH, (channel, pool, arrived) => async (message) => {
  const event = JSON.parse(message.content.toString());
  await pool.query(effectRowOnce(event));
  channel.ack(message);
  arrived(event.id);
});

/** The same, but what has come is handled together: one statement writes up to 500 effects, one acknowledgement answers for all of them. */
export const openBatched = (place) => open(place, 2 * BATCH, (channel, pool, arrived) => {
  const come = [];
  let isHandling = false;
  const handleAll = async () => {
    isHandling = true;
    while (come.length > 0) {
      const batch = come.splice(0, BATCH);
      const events = batch.map((it) => JSON.parse(it.content.toString()));
      await pool.query(effectRows(events, { once: true }));
      channel.ack(batch.at(-1), true);
      for (const event of events) arrived(event.id);
    }
    isHandling = false;
  };
  return async (message) => {
    come.push(message);
    if (!isHandling) await handleAll();
  };
});

async function open({ url, name, amqpUrl, arrived }, prefetch, handlerOf) {
  const connection = await amqplib.connect(amqpUrl, { noDelay: true });
  const publisher = await connection.createConfirmChannel();
  const consumer = await connection.createChannel();
  const pool = openPool(url, HANDLERS);
  await publisher.assertQueue(name, quorumQueue);
  await consumer.prefetch(prefetch);
  const outbox = await openOutbox(url, [businessTable, effectTable], async (rows) => {
    for (const { payload } of rows) publisher.sendToQueue(name, Buffer.from(payload), { persistent: true, contentType: 'application/json' });
    await publisher.waitForConfirms();
  });
  return {
    businessTable: 'business',
    effectTable: 'effect',
    produce: outbox.produce,
    consume: async () => {
      const handle = handlerOf(consumer, pool, arrived);
      await consumer.consume(name, (message) => void handle(message));
      outbox.start();
    },
    close: async () => {
      await outbox.close();
      await connection.close();
      await pool.end();
    },
  };
}
