import { afterEach, expect, it } from '@jest/globals';
import type { ShadowUnderTest } from '../../testing/index.js';
import { tillUnderTest } from './till-under-test.js';
import { tillContract } from './till-words.fixture.js';

let both: ShadowUnderTest;
afterEach(() => both.close());

const READS = 30;

it('a shadow that says it is not behind has compared all, also the reads that wait for what comes next', async () => {
  both = await tillUnderTest();
  await both.begin();
  await both.interrupt();
  const till = both.context.host.clientOf(tillContract);
  for (let n = 0; n < READS; n += 1) await till.takings({ day: '2011-07-04' });
  await both.context.settle();
  await both.context.database.witness?.stop();
  const { storage } = both.context;
  const [now] = await storage.query<{ edge: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS edge');
  // What somebody who looks all the time would see: each note, as it is committed.
  await storage.query(`
    CREATE TABLE parallel_run.said (behind bigint, has_read boolean, compared bigint);
    CREATE FUNCTION parallel_run.hear() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
      INSERT INTO parallel_run.said VALUES (NEW.behind, NEW.upto IS NULL AND pg_snapshot_xmin(NEW.seen::pg_snapshot) >= '${now?.edge}'::xid8, (SELECT coalesce(sum(compared), 0) FROM parallel_run.coverage WHERE run = NEW.id));
      RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER hear AFTER UPDATE ON parallel_run.run DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION parallel_run.hear()`);
  await both.resume();
  await both.played();
  const said = await storage.query<{ behind: number; compared: number }>('SELECT behind::int, compared::int FROM parallel_run.said WHERE has_read');
  expect(said.filter((it) => it.compared < READS).map((it) => it.behind)).not.toContain(0);
  expect(said.at(-1)).toEqual({ behind: 0, compared: READS });
});
