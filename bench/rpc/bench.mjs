import { cpuPerUnit } from '../lib/cpu-per-unit.mjs';
import { findingsIn } from '../lib/findings.mjs';

const contender = (name, about, packages, extra = {}) => ({ name, about, packages, modules: ['rpc/workload.mjs', `rpc/contenders/${name}.mjs`], ...extra });

/** Calls between contexts, in one process and in two. */
export const bench = {
  name: 'rpc',
  title: 'Calls between contexts',
  work: 'One context asks another for the prices of ten articles. The same schemas (zod) check input and output on either side, and every answer is compared with what it should be; one error, or one call that the other process has not answered, and there is no figure. `local`: both in one process, one call after the other. The others: two processes with RabbitMQ between them, 64 calls under way at any time.',
  unit: 'calls',
  count: 20_000,
  needsBroker: true,
  figures: {
    local: { unit: 'µs', better: 'less', about: 'a call within the process' },
    calls: { unit: 'calls/s', better: 'more', about: 'to the other process and back' },
    'calls-p50': { unit: 'ms', better: 'less', about: 'from call to answer under that load' },
    'calls-p99': { unit: 'ms', better: 'less', about: 'the same, for the slowest of a hundred' },
    alone: { unit: 'ms', better: 'less', about: 'from call to answer while nothing else goes on (median of 500)' },
    'cpu-calls': { unit: 'µs', better: 'less', about: 'CPU time per call of `calls`, of both processes together, without the broker' },
  },
  targets: [],
  findings: findingsIn(import.meta.dirname),
  contenders: [
    contender('banyan', 'a typed client and a handler of ours: copied as JSON, an input of its own with deadline, correlation and trace; remote also a token of the service that is verified, and an acknowledgement behind the answer, so that a call survives its callee', ['amqplib'], { ours: true }),
    contender('direct', 'a function, called; validated on both sides like ours, nothing copied', []),
    contender('direct-once', 'a function, called; validated once', []),
    contender('nest', 'Nest\'s `ClientRMQ` and `ServerRMQ` with their defaults: nothing is acknowledged, nobody is asked who he is, no deadline', ['@nestjs/microservices', 'amqplib']),
  ],
  parts: [
    { name: 'local', figures: ['local'], sides: ['banyan', 'direct', 'direct-once'], warmsUp: true, run: local },
    { name: 'remote', figures: ['calls', 'calls-p50', 'calls-p99', 'alone', 'cpu-calls'], sides: ['banyan', 'nest'], warmsUp: true, run: remote },
  ],
};

function local(side, turn) {
  return opened(side, turn, 'local', () => side.measured('local', { count: turn.count }));
}

function remote(side, turn) {
  return opened(side, turn, 'remote', async () => {
    const { value: { figures }, cpu } = await cpuPerUnit(side, noServer, turn.count, () => side.measured('calls', { count: turn.count }));
    const { figures: { alone } } = await side.ask('alone', { count: turn.count });
    return { figures: { ...figures, alone, ...(cpu !== undefined && { 'cpu-calls': cpu }) } };
  });
}

async function opened(side, { server, broker }, route, work) {
  const database = await server.createDatabase(side.name);
  const name = broker.newName(side.name);
  try {
    await side.ask('open', { route, url: database.url, amqpUrl: broker.url, name });
    return await work();
  } finally {
    await side.ask('close').catch(() => undefined);
    await server.dropDatabase(database.name);
    await broker.remove(name);
  }
}

/** A query asks nothing of PostgreSQL, so its CPU time does not count. */
const noServer = { cpuSeconds: () => 0 };
