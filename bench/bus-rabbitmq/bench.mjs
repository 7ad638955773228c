import { backlog, cpuFigures, flow } from '../bus/bench.mjs';
import { findingsIn } from '../lib/findings.mjs';

const contender = (name, about, packages, extra = {}) => ({ name, about, packages, modules: ['bus/workload.mjs', `bus-rabbitmq/contenders/${name}.mjs`], ...extra });

const asFast = (figure) => [
  { figure, against: ['amqplib'], than: 'amqplib by hand, a message at a time', atLeast: 0.7 },
  { figure, against: ['amqplib-batched'], than: 'amqplib by hand, one statement per batch', atLeast: 0.7 },
];

/** The bus with a broker in between. */
export const bench = {
  name: 'bus-rabbitmq',
  title: 'The bus over RabbitMQ',
  work: 'The same work as in process, but the events travel over a quorum queue: published with confirms, acknowledged by hand when the effect is committed. The peers have no outbox of their own, so they get one written by hand.',
  unit: 'events',
  count: 50_000,
  needsBroker: true,
  figures: {
    publish: { unit: 'events/s', better: 'more', about: 'business row and outbox only: nothing is on its way to the broker yet' },
    drain: { unit: 'events/s', better: 'more', about: 'that backlog through the broker, until every effect is committed' },
    both: { unit: 'events/s', better: 'more', about: 'publishing and handling at once' },
    'latency-p50': { unit: 'ms', better: 'less', about: 'from commit to effect, at half of the contender\'s own rate of `both`' },
    'latency-p99': { unit: 'ms', better: 'less', about: 'the same, for the slowest of a hundred' },
    ...cpuFigures,
  },
  targets: [...asFast('drain'), ...asFast('both')],
  findings: findingsIn(import.meta.dirname),
  contenders: [
    contender('banyan', 'two contexts of ours on the RabbitMQ transport, default settings: in order per key, inbox, retries and parking', ['amqplib'], { ours: true }),
    contender('amqplib', 'by hand: 500 confirms at a time, a handler per message, a hundred at once; no order', ['amqplib']),
    contender('amqplib-batched', 'by hand: up to 500 effects by one statement, then one acknowledgement for all', ['amqplib']),
    contender('rascal', 'publications with confirms, a hundred messages handled at once; no order', ['rascal']),
  ],
  parts: [
    { name: 'backlog', figures: ['publish', 'drain', 'cpu-publish', 'cpu-drain'], warmsUp: true, run: backlog },
    { name: 'flow', figures: ['both', 'latency-p50', 'latency-p99', 'cpu-both'], warmsUp: true, run: flow },
  ],
};
