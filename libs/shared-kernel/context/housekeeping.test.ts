import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type ContextUnderTest, contextUnderTest } from '../testing/index.js';
import { defineContract } from '../contract/index.js';
import { defineContext } from './index.js';
import { Housekeeping } from './housekeeping.js';

let context: ContextUnderTest;
beforeAll(async () => {
  context = await contextUnderTest(defineContext({
    name: 'attic', owner: 'the test', contract: defineContract({ name: 'attic', commands: {}, queries: {}, events: {} }),
    calls: [], listensTo: [], entities: [], migrations: [], handlers: [], sagas: [], controllers: [], providers: [],
  }));
});
afterAll(async () => { await context.close(); });

it('forgets handled commands after thirty days and keeps younger ones', async () => {
  await context.database.query(`
    INSERT INTO command_log (command, idempotency_key, input_hash, reply, handled_at)
    SELECT 'attic.sweep', 'day-' || n, '\\x00', '{}', now() - make_interval(days => n) FROM generate_series(28, 33) AS n`);
  await new Housekeeping([context.database]).tidyAll();
  const left = await context.database.query<{ key: string }>('SELECT idempotency_key AS key FROM command_log ORDER BY 1');
  expect(left.map((it) => it.key)).toEqual(['day-28', 'day-29']);
});
