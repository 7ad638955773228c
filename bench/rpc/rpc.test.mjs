import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withDatabase } from '../lib/test-database.mjs';
import { answer, isAnswerTo, output, question } from './prices.mjs';
import { contend } from './workload.mjs';

test('an answer to another question is no answer', () => {
  assert.equal(isAnswerTo(output.parse(answer(question(1))), question(1)), true);
  assert.equal(isAnswerTo(answer(question(2)), question(1)), false);
  assert.equal(isAnswerTo({ products: [] }, question(1)), false);
});

test('a wrong answer ends a run without a figure', async () => {
  const contender = await contend({ openLocal: async () => ({ call: async () => answer(question(0)), close: async () => undefined }) });
  await assert.rejects(contender.open({ route: 'local' }), /answered with what somebody else had asked/);
});

test('who answers himself where another process should ends without a figure', async () => {
  const contender = await contend({ openRemote: async () => ({ call: async (asked) => answer(asked), answers: async () => 0, close: async () => undefined }) });
  await contender.open({ route: 'remote' });
  await assert.rejects(contender.calls({ count: 10 }), /answered 0 of 10 calls/);
});

test('ours and its peers call within the process as the bench has them do', async () => {
  await withDatabase(async (database) => {
    for (const name of ['banyan', 'direct', 'direct-once']) {
      const contender = await contend(await import(`./contenders/${name}.mjs`));
      await contender.open({ route: 'local', url: await database() });
      const { figures } = await contender.local({ count: 100 });
      assert.ok(figures.local > 0);
      await contender.close();
    }
  });
});
