import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { deadlineIn, runInput } from '../../runtime/index.js';
import { type ShadowUnderTest, eventually } from '../../testing/index.js';
import { bothSides } from './same-rows.js';
import { key, tillTwice } from './till-under-test.js';
import { tillContract } from './till-words.fixture.js';

const WAITING = `FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`;

describe('an input that the original gave up', () => {
  let both: ShadowUnderTest;
  /** Holds the drawer. */
  let operator: Client;
  beforeEach(async () => {
    both = await tillTwice();
    await both.begin();
    operator = new Client({ connectionString: both.context.storage.url });
    await operator.connect();
    await operator.query('BEGIN; SELECT FROM till.drawer FOR UPDATE');
  });
  afterEach(async () => {
    await operator.end();
    await both.close();
  });

  async function nothingIsFound(): Promise<void> {
    await operator.query('COMMIT');
    const till = both.context.host.clientOf(tillContract);
    await till.takeOut({ pence: 1 }, key());
    const { findings, coverage, run } = await both.report();
    expect(findings).toEqual([]);
    // What it has said in its first transaction was compared; how it would have gone on, nobody knows.
    expect(coverage).toEqual({ 'till.take-out done': [1, 1] });
    expect(run).toMatchObject({ unanswered: 1, applied: 0 });
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
    expect(copy['drawer_entry']).toHaveLength(1);
  }

  it('since there was no time left is no difference, nor is what the copy would do with more of it', async () => {
    const till = both.context.host.clientOf(tillContract);
    const hurried = (ask: () => Promise<unknown>): Promise<unknown> => runInput({ context: 'test', deadline: deadlineIn(400) }, ask);
    await Promise.all([
      expect(hurried(() => till.takeOut({ pence: 3 }, key()))).rejects.toMatchObject({ code: 'deadline-exceeded' }),
      expect(hurried(() => till.putIn({ pence: 3 }, key()))).rejects.toMatchObject({ code: 'deadline-exceeded' }),
    ]);
    await nothingIsFound();
  });

  it('since its database went away is no difference', async () => {
    const till = both.context.host.clientOf(tillContract);
    const tried = Promise.allSettled([till.takeOut({ pence: 3 }, key()), till.putIn({ pence: 3 }, key())]);
    await eventually(async () => { expect(await both.context.storage.query(`SELECT ${WAITING}`)).toHaveLength(2); });
    await operator.query(`SELECT pg_terminate_backend(pid) ${WAITING}`);
    expect(await tried).toMatchObject([{ reason: { code: 'database-away' } }, { reason: { code: 'database-away' } }]);
    await nothingIsFound();
  });
});
