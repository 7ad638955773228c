import { z } from 'zod';
import { kernel } from '../../lib/product.mjs';

const { defineContract, event } = await kernel('contract');
const { messagingMigrations } = await kernel('messaging');
const { openDatabase, provisionContext } = await kernel('persistence');

/** One connection per producer, and a few for the relay. */
const PRODUCER_POOL = 20;

const placed = event('producer.order-placed', {
  version: 1,
  aggregateType: 'order',
  aggregateId: (it) => it.key,
  payload: z.strictObject({ id: z.int(), key: z.string(), amount: z.int(), note: z.string(), placedAt: z.iso.datetime() }),
});

const contracts = {
  producer: defineContract({ name: 'producer', commands: {}, queries: {}, events: { placed } }),
  consumer: defineContract({ name: 'consumer', commands: {}, queries: {}, events: {} }),
};

/** @param {string} url @param {{ producer: string[], consumer: string[] }} tables what each has beside the bus's own tables */
export async function openContexts(url, tables) {
  const open = async (context, poolSize) => {
    const own = { name: 'bench-0001', sql: tables[context].join(';\n') };
    const provision = await provisionContext({ adminUrl: url, name: context, migrations: [...messagingMigrations, own] });
    return openDatabase({ context, url: provision.url, applicationName: `bench ${context}`, ...(poolSize && { poolSize }) });
  };
  return { producer: await open('producer', PRODUCER_POOL), consumer: await open('consumer'), placed, contracts };
}
