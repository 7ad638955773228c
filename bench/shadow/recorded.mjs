import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { built, kernel } from '../lib/product.mjs';
import { startShadow } from './shadow-start.mjs';

const { kernelMigrations, kernelTables } = await kernel('context');
const { PARALLEL_RUN, Recorder, Redaction, RunStore, dropCopy, makeCopy, parallelRunMigrations } = await kernel('parallel-run');
const { derivedKey, openDatabase, provisionContext } = await kernel('persistence');
const { payments } = await built('libs/contexts/payments/index.js');

/** Nothing of payments is personal, so nothing is hashed with it. */
const key = derivedKey('postgres://bench@nowhere', 'banyan tape');

const [LOOK_MS, PATIENCE_MS] = [20, 120_000];

/**
 * Payments with its tape on: every read is on it, too. Where it is played, a shadow does that in a process of its own.
 * What the stage `shadow` does with a facade, its keepers and an extracted app is done here by hand, with the same parts.
 * @param {{ isPlayed: boolean }} how
 */
export function recorded({ isPlayed }) {
  let isOn = false;
  let run;
  let recorder;
  return {
    perCall: isPlayed ? { read: 1, write: 1 } : { read: 0, write: 0 },
    witnessOf: (_declaration, database) => {
      recorder = new Recorder({ database, redaction: new Redaction(payments.personal, key), isOn: () => isOn, reads: 1 });
      return recorder;
    },
    begin: async ({ databaseUrl }) => {
      isOn = true;
      run = await openRun(databaseUrl, isPlayed);
    },
    outcome: async (_house, expected) => {
      if (!isPlayed || !run) return { compared: 0, equal: 0, skipped: 0, other: '' };
      await recorder.stop();
      return run.outcome(expected);
    },
    close: () => run?.close(),
  };
}

async function openRun(url, isPlayed) {
  const plan = { context: payments.name, sourceUrl: url, targetUrl: url, purpose: 'shadow', migrations: [...kernelMigrations, ...payments.migrations], kernelTables, personal: payments.personal, key };
  const { url: storeUrl } = await provisionContext({ adminUrl: url, name: PARALLEL_RUN, migrations: parallelRunMigrations });
  const results = await openDatabase({ context: PARALLEL_RUN, url: storeUrl, poolSize: 2, applicationName: 'bench results' });
  const copy = await makeCopy(plan);
  await letRead(url);
  const id = await new RunStore(results).begin({ context: payments.name, purpose: 'shadow', keys: copy.keys, snapshot: copy.snapshot });
  const shadow = isPlayed ? await startShadow({ purpose: 'shadow', copyUrl: copy.url, tapeUrl: storeUrl, storeUrl }) : undefined;
  return {
    outcome: async (expected) => {
      for (const giveUpAt = performance.now() + PATIENCE_MS; ; await sleep(LOOK_MS)) {
        const found = await outcomeOf(results, id);
        if (found.compared >= expected || found.other !== '' || performance.now() > giveUpAt) return found;
      }
    },
    close: async () => {
      await shadow?.stop();
      await results.close();
      await dropCopy(plan);
    },
  };
}

async function letRead(url) {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  const [role, schema] = [escapeIdentifier(`banyan_${PARALLEL_RUN}`), escapeIdentifier(payments.name)];
  await admin.query(`GRANT USAGE ON SCHEMA ${schema} TO ${role}; GRANT SELECT ON ${schema}.tape TO ${role}`);
  await admin.end();
}

async function outcomeOf(results, id) {
  const [sum] = await results.query('SELECT coalesce(sum(compared), 0)::integer AS compared, coalesce(sum(equal), 0)::integer AS equal FROM coverage WHERE run = $1', [id]);
  const [run] = await results.query('SELECT skipped, undecided, unanswered, dropped, restarts FROM run WHERE id = $1', [id]);
  const other = Object.entries(run).filter(([, count]) => Number(count) > 0).map(([name, count]) => `${name}: ${count}`);
  return { ...sum, skipped: 0, other: other.join(', ') };
}
