import { openOutbox } from '../../lib/outbox.mjs';
import { businessTable, effectRow, effectRows, effectTable } from '../tables.mjs';

/**
 * What one would write by hand on `pg` for exactly this task and nothing else: an outbox row beside the business row;
 * one consumer takes the 500 lowest rows, writes all effects by one statement and removes the rows, in one
 * transaction. No handler per event, no inbox, no retry, no parking, no second process, no leader: a bound, not a bus.
 */
export const openBus = (place) => open(place, (client, events) => client.query(effectRows(events)));

/** The same with a statement per event, all 500 on their way at once: the bound for handlers that see one event at a time. */
export const openPerEvent = (place) => open(place, (client, events) => Promise.all(events.map((event) => client.query(effectRow(event)))));

async function open({ url, arrived }, handle) {
  const outbox = await openOutbox(url, [businessTable, effectTable], async (rows, client) => {
    const events = rows.map((it) => JSON.parse(it.payload));
    await handle(client, events);
    return () => events.forEach((event) => arrived(event.id));
  });
  return { businessTable: 'business', effectTable: 'effect', produce: outbox.produce, consume: async () => outbox.start(), close: outbox.close };
}
