import { setTimeout as sleep } from 'node:timers/promises';
import { ContenderFailed } from '../lib/contender.mjs';
import { cpuFigure, cpuPerUnit } from '../lib/cpu-per-unit.mjs';
import { findingsIn } from '../lib/findings.mjs';

const STEPS = 3;
const KILLED_COUNT = 500;
const PATIENCE_MS = 90_000;

const contender = (name, about, packages, extra = {}) => ({ name, about, packages, modules: ['saga/workload.mjs', `saga/contenders/${name}.mjs`], ...extra });

/** Durable workflows on PostgreSQL. */
export const bench = {
  name: 'saga',
  title: 'Sagas',
  work: 'A saga of three steps, each of which writes one row, survives `kill -9` at any instant: what was done is not done again, what was begun is finished. 64 sagas are under way at any time. After each run every saga must have ended and each step must have its row once.',
  unit: 'sagas',
  count: 5_000,
  figures: {
    sagas: { unit: 'sagas/s', better: 'more', about: 'until the last one has ended' },
    'cpu-sagas': cpuFigure('sagas', 'saga'),
    alone: { unit: 'ms', better: 'less', about: 'one saga from its start until its last row is committed, while nothing else runs (median of 200)' },
    recovery: { unit: 's', better: 'less', about: `from the start of a new process after \`kill -9\` until all ${KILLED_COUNT} sagas of the old one have ended` },
  },
  targets: [{ figure: 'sagas', against: ['dbos'], than: 'DBOS', atLeast: 8 }],
  findings: findingsIn(import.meta.dirname),
  contenders: [
    contender('banyan', 'a saga of ours with three local steps, default settings', [], { ours: true }),
    contender('banyan-calls', 'the same with three commands to two other contexts of ours, each exactly once through their command logs', [], { ours: true }),
    contender('dbos', 'a workflow with three steps', ['@dbos-inc/dbos-sdk']),
    contender('absurd', 'a task with three steps', ['absurd-sdk']),
  ],
  parts: [
    { name: 'many', figures: ['sagas', 'cpu-sagas'], warmsUp: true, run: many },
    { name: 'alone', figures: ['alone'], run: alone },
    { name: 'kill -9', figures: ['recovery'], run: killed },
  ],
};

function many(side, { server, count }) {
  return onDatabase(side, server, async (database) => {
    const queries = await side.ask('open', { url: database.url });
    const { value: { figures, started }, cpu } = await cpuPerUnit(side, server, count, () => side.measured('many', { count }));
    await server.look(database.url, (client) => untilAllEnded(client, queries, started));
    await side.ask('close');
    return { figures: { ...figures, ...(cpu !== undefined && { 'cpu-sagas': cpu }) } };
  });
}

function alone(side, { server, count }) {
  return onDatabase(side, server, async (database) => {
    const queries = await side.ask('open', { url: database.url });
    const { figures, started } = await side.measured('alone', { count });
    await server.look(database.url, (client) => untilAllEnded(client, queries, started));
    await side.ask('close');
    return { figures };
  });
}

async function killed(side, { server, count }) {
  const started = Math.min(KILLED_COUNT, count);
  return onDatabase(side, server, async (database) => {
    await side.ask('open', { url: database.url });
    await side.ask('begin', { count: started });
    await side.kill();
    const from = performance.now();
    const queries = await side.ask('open', { url: database.url });
    await server.look(database.url, (client) => untilAllEnded(client, queries, started));
    const figures = { recovery: (performance.now() - from) / 1_000 };
    await side.ask('close');
    return { figures };
  });
}

async function onDatabase(side, server, work) {
  const database = await server.createDatabase(side.name);
  try {
    return await work(database);
  } finally {
    await side.ask('close').catch(() => undefined);
    await server.dropDatabase(database.name);
  }
}

/** @throws ContenderFailed when a saga is left over, or a step was done more or less than once */
async function untilAllEnded(client, { effects, unfinished }, started) {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows: [left] } = await client.query(unfinished);
    if (Number(left.count) === 0) break;
    if (performance.now() > giveUpAt) throw new ContenderFailed(`${left.count} of ${started} sagas did not end.`);
    await sleep(10);
  }
  const { rows: [done] } = await client.query(`SELECT count(*)::integer AS rows, count(DISTINCT (saga_id, step))::integer AS steps FROM (${effects}) AS effect`);
  if (done.rows !== started * STEPS || done.steps !== done.rows) {
    throw new ContenderFailed(`${started} sagas left ${done.rows} rows of ${done.steps} steps; each of ${started * STEPS} steps should have one.`);
  }
}
