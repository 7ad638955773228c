import { ContenderFailed } from '../lib/contender.mjs';
import { cpuFigure, cpuPerUnit } from '../lib/cpu-per-unit.mjs';
import { findingsIn } from '../lib/findings.mjs';
import { hasEveryEffect } from './check.mjs';

const contender = (name, about, packages, extra = {}) => ({ name, about, packages, modules: ['bus/workload.mjs', `bus/contenders/${name}.mjs`], ...extra });

const kept = 'while a transaction is held open for the whole run';

/** They hardly depend on what else the machine is doing. */
export const cpuFigures = Object.fromEntries(['publish', 'drain', 'both'].map((it) => [`cpu-${it}`, cpuFigure(it, 'event')]));

/** Like ours they hand a handler one event at a time. */
const identical = ['graphile-worker', 'pg-boss', 'pg-transactional-outbox', 'pg-transactional-outbox-polling', 'emmett', 'emmett-one-by-one'];
const asFast = (figure, atLeast) => [
  { figure, against: identical, than: 'the fastest peer that does identical work, event by event', atLeast },
  { figure, against: [...identical, 'pg-boss-set-based'], than: 'the fastest peer of all, one statement per batch included', atLeast },
  { figure, against: ['floor'], than: 'the bare floor', atLeast: 0.5 },
];
const unaffected = (figure) => ({ figure, against: ['undisturbed'], than: 'itself without the open transaction', atLeast: 0.9 });

/** The bus in process: one database for everything. */
export const bench = {
  name: 'bus',
  title: 'The bus, in process',
  work: 'Sixteen producers each write a business row and announce an event (about 200 bytes) in one transaction, spread over 1,000 aggregates. One handler writes one row per event, exactly once. Producers and handler share one process, every contender has an empty database of its own on the same durable PostgreSQL, and after each run the table of effects has to hold every event once, or the run does not count.',
  unit: 'events',
  count: 50_000,
  figures: {
    publish: { unit: 'events/s', better: 'more', about: 'nobody listens' },
    drain: { unit: 'events/s', better: 'more', about: 'that backlog, until every effect is committed' },
    both: { unit: 'events/s', better: 'more', about: 'publishing and handling at once' },
    'latency-p50': { unit: 'ms', better: 'less', about: 'from commit to effect, at half of the contender\'s own rate of `both`' },
    'latency-p99': { unit: 'ms', better: 'less', about: 'the same, for the slowest of a hundred' },
    ...cpuFigures,
    'drain-held-xmin': { unit: 'events/s', better: 'more', about: `\`drain\` ${kept}`, undisturbed: 'drain' },
    'both-held-xmin': { unit: 'events/s', better: 'more', about: `\`both\` ${kept}`, undisturbed: 'both' },
  },
  targets: [
    ...asFast('drain', 5), ...asFast('both', 2), { figure: 'latency-p50', atMost: 10 },
    unaffected('drain-held-xmin'), unaffected('both-held-xmin'),
  ],
  findings: findingsIn(import.meta.dirname),
  contenders: [
    contender('banyan', 'two contexts of ours on the in-process transport, default settings: in order per key, retries and parking per key', [], { ours: true }),
    contender('graphile-worker', 'a job per event; no order', ['graphile-worker']),
    contender('pg-boss', 'batches of 500, the handler runs per event; no order, and one failing event fails its batch', ['pg-boss']),
    contender('pg-boss-set-based', 'the same with a handler that is one statement per batch, as can be written when it does nothing but insert', ['pg-boss']),
    contender('pg-transactional-outbox', 'logical replication, one table as outbox and inbox, in order per key', ['pg-transactional-outbox']),
    contender('pg-transactional-outbox-polling', 'the same by polling, any 500 at once; no order', ['pg-transactional-outbox']),
    contender('emmett', 'event store with a reactor, batches of 500 in one transaction', ['@event-driven-io/emmett-postgresql']),
    contender('emmett-one-by-one', 'the same, but producers append one at a time, since its reactor skips events of transactions that overlap', ['@event-driven-io/emmett-postgresql']),
    contender('floor', 'hand-written for this task on `pg`: 500 rows per transaction, effects by one statement; no inbox, no retries, no second process', ['pg']),
    contender('floor-per-event', 'the same with one statement per event, pipelined', ['pg']),
  ],
  parts: [
    { name: 'backlog', figures: ['publish', 'drain', 'cpu-publish', 'cpu-drain'], warmsUp: true, run: backlog },
    { name: 'flow', figures: ['both', 'latency-p50', 'latency-p99', 'cpu-both'], warmsUp: true, run: flow },
    { name: 'backlog, xmin held', figures: ['drain-held-xmin'], run: (side, turn) => held(side, turn, backlog) },
    { name: 'flow, xmin held', figures: ['both-held-xmin'], run: (side, turn) => held(side, turn, flow) },
  ],
};

/** Publishes with nobody listening, then drains. */
export function backlog(side, turn) {
  return onDatabase(side, turn, async () => {
    const published = await withCpu(side, turn, 'publish');
    const drained = await withCpu(side, turn, 'drain');
    return { written: turn.count, problem: drained.problem, figures: { ...published.figures, ...drained.figures } };
  });
}

/** Publishes and handles at once; then again at half of that rate. */
export function flow(side, turn) {
  return onDatabase(side, turn, async () => {
    const { problem, figures } = await withCpu(side, turn, 'both');
    if (problem || turn.isWarmUp || turn.isHeld || !turn.wants('latency-p50')) return { written: turn.count, problem, figures };
    const latency = await side.measured('latency', { count: turn.count, rate: figures.both / 2 });
    return { written: turn.count + latency.written, problem: latency.problem, figures: { ...figures, ...latency.figures } };
  });
}

async function withCpu(side, { server, count }, method) {
  const { value: { problem, figures }, cpu } = await cpuPerUnit(side, server, count, () => side.measured(method, { count }));
  return { problem, figures: problem || cpu === undefined ? figures : { ...figures, [`cpu-${method}`]: cpu } };
}

/** Its figures get other names, and to stall is one of them: 0. */
async function held(side, turn, part) {
  const { figures, problem } = await part(side, { ...turn, isHeld: true });
  return { problem, figures: Object.fromEntries(['drain', 'both'].filter((it) => it in figures).map((it) => [`${it}-held-xmin`, figures[it]])) };
}

async function onDatabase(side, { server, broker, isHeld }, work) {
  const database = await server.createDatabase(side.name);
  const name = broker?.newName(side.name) ?? database.name;
  try {
    const tables = await side.ask('open', { url: database.url, name, ...(broker && { amqpUrl: broker.url }) });
    const { figures, written, problem } = isHeld ? await server.whileHeld(database.url, work) : await work();
    await side.ask('close');
    if (problem !== undefined && !isHeld) throw new ContenderFailed(problem);
    if (problem === undefined) await server.look(database.url, (client) => hasEveryEffect(client, tables, written));
    return { figures, problem };
  } finally {
    await side.ask('close').catch(() => undefined);
    await server.dropDatabase(database.name);
    await broker?.remove(name);
  }
}
