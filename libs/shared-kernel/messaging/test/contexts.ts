import { z } from 'zod';
import { defineContract, event } from '../../contract/index.js';
import type { Migration } from '../../persistence/index.js';
import { messagingMigrations } from '../index.js';

/** A counter per key, and an event for each step of it: what every listener hears must be 1, 2, 3 … per key. */
export const counted = event('source.counted', {
  version: 1,
  aggregateType: 'counter',
  aggregateId: (it) => it.key,
  payload: z.strictObject({ key: z.string(), n: z.int() }),
});

const sourceContract = defineContract({ name: 'source', commands: {}, queries: {}, events: { counted } });
const leftContract = defineContract({ name: 'left', commands: {}, queries: {}, events: {} });
const rightContract = defineContract({ name: 'right', commands: {}, queries: {}, events: {} });

/** One context that announces, two that listen; every one has all tables, to keep the tests short. */
export const contracts = { source: sourceContract, left: leftContract, right: rightContract };
export type ContextName = keyof typeof contracts;
export const contextNames: ContextName[] = ['source', 'left', 'right'];

export const testMigrations: Migration[] = [...messagingMigrations, {
  name: 'test-0001',
  sql: `CREATE TABLE counter (key text PRIMARY KEY, n integer NOT NULL);
        CREATE TABLE heard (id bigint GENERATED ALWAYS AS IDENTITY, key text NOT NULL, n integer NOT NULL, input_id text NOT NULL, at timestamptz NOT NULL);`,
}];
