import { spawnSync } from 'node:child_process';
import { share, shareAlike } from '../lib/cores.mjs';
import { cpuPerUnit } from '../lib/cpu-per-unit.mjs';
import { findingsIn } from '../lib/findings.mjs';
import { load } from '../lib/load.mjs';
import { allArrived, answersRightly } from './check.mjs';
import { bodies, paths, sentAlong } from './payloads.mjs';
import { UpstreamProcess } from './upstream-process.mjs';

const CONNECTIONS = 16;
/** Requests that each contender gets before it is measured: it opens its connections, and the compiler sees everything once more. */
const FIRST = { small: 1_000, large: 20 };
/** A megabyte there and back is so much more work than 200 bytes. */
const LARGE_EVERY = 50;

const contender = (name, about, packages, extra = {}) => ({ name, about, packages, modules: [`facade/contenders/${name}.mjs`], ...extra });

const rate = (about) => ({ unit: 'requests/s', better: 'more', about });
const delay = (about) => ({ unit: 'ms', better: 'less', about });
const cpu = (what) => ({ unit: 'µs', better: 'less', about: `CPU time per request of \`${what}\`, of the contender alone` });

const sentOn = ['banyan', 'banyan-in-app', 'http-proxy', 'undici', 'nginx'];

/** What it costs that a context may be elsewhere, and what it costs when it is. */
export const bench = {
  name: 'facade',
  title: 'The facade',
  work: `Requests (POST, JSON, answered with the same JSON) over ${CONNECTIONS} connections that are kept, each as soon as the answer before it is complete. \`embedded\`: an app of ours whose context has not been lifted out, with the facade's hooks and without. \`small\` and \`large\`: the requests are sent on to another process, by one process each, over connections that are kept as well. Every body is compared with what it should be, on its way there and back; one error, one wrong answer, or one request that arrives twice, and there is no figure. Who sends, who is measured and who is sent to are processes of their own: on Linux the one that is measured has a core to itself, and the other two share the rest.`,
  unit: 'requests',
  count: 20_000,
  facts: () => ({ nginx: nginxVersion() }),
  figures: {
    embedded: rate('200 bytes, answered by the app itself'),
    'embedded-p50': delay('until an answer is complete'),
    'embedded-p99': delay('the same, for the slowest of a hundred'),
    'cpu-embedded': cpu('embedded'),
    small: rate('200 bytes each way, through the contender'),
    'small-p50': delay('until an answer is complete'),
    'small-p99': delay('the same, for the slowest of a hundred'),
    'cpu-small': cpu('small'),
    large: rate(`a megabyte each way, through the contender; 1 for every ${LARGE_EVERY} small ones`),
    'large-p99': delay('for the slowest of a hundred'),
    'cpu-large': cpu('large'),
  },
  targets: [
    { figure: 'embedded', against: ['without-facade'], than: 'the same app without the hooks', atLeast: 0.97 },
    { figure: 'small', against: ['http-proxy'], than: '@fastify/http-proxy', atLeast: 1.2 },
    { figure: 'large', against: ['http-proxy'], than: '@fastify/http-proxy', atLeast: 1.2 },
  ],
  findings: findingsIn(import.meta.dirname),
  contenders: [
    contender('banyan', 'in `embedded` an app with the facade\'s hooks (where the request goes, and whether a fault is wanted); else the facade alone on a bare Fastify, like its peer: stage table, choice of an instance, deadline, correlation, trace and a token of its own included', ['fastify', 'undici'], { ours: true }),
    contender('banyan-in-app', 'the same behind all that every request of an app passes through first: security headers, who asks, log, metrics', ['fastify', 'undici'], { ours: true }),
    contender('without-facade', 'the app of `embedded` without the hooks', ['fastify']),
    contender('http-proxy', 'on a bare Fastify, settings as documented, nothing logged', ['@fastify/http-proxy', 'fastify', 'undici']),
    contender('undici', 'by hand: Node\'s server and `pool.stream`; no deadline, no retry, no header of its own', ['undici']),
    contender('nginx', 'Debian\'s package, one process, buffers made large, connections to the upstream kept; takes part where it is installed', []),
  ],
  parts: [
    { name: 'embedded', figures: ['embedded', 'embedded-p50', 'embedded-p99', 'cpu-embedded'], sides: ['banyan', 'without-facade'], process: 'embedded', warmsUp: true, run: (side, turn) => measured(side, turn, 'embedded', 'small') },
    { name: 'small', figures: ['small', 'small-p50', 'small-p99', 'cpu-small'], sides: sentOn, warmsUp: true, run: (side, turn) => throughIt(side, turn, 'small') },
    { name: 'large', figures: ['large', 'large-p99', 'cpu-large'], sides: sentOn, warmsUp: true, run: (side, turn) => throughIt(side, turn, 'large') },
  ],
};

/** The one peer that npm does not bring. */
function nginxVersion() {
  const { status, stderr } = spawnSync('nginx', ['-v'], { encoding: 'utf8' });
  return status === 0 ? stderr.trim().replace(/^.*\//, '') : 'not installed';
}

async function throughIt(side, turn, size) {
  const upstream = await UpstreamProcess.start();
  try {
    return await measured(side, turn, size, size, upstream);
  } finally {
    await upstream.stop();
  }
}

/** @param {string} figure what the rate is called @param {'small' | 'large'} size @param {UpstreamProcess} [upstream] */
async function measured(side, { server, count }, figure, size, upstream) {
  const database = await server.createDatabase(side.name);
  const others = [process.pid, ...(upstream ? [upstream.pid] : [])];
  try {
    const { url } = await side.ask('open', { route: upstream ? 'remote' : 'embedded', database: database.url, upstream: upstream?.url });
    await answersRightly(url, size, { isSentOn: upstream !== undefined });
    share(side.pid, others);
    const requests = { url, path: paths[size], headers: sentAlong, body: bodies[size], connections: CONNECTIONS };
    await load({ ...requests, amount: FIRST[size] });
    const amount = size === 'large' ? Math.max(CONNECTIONS, Math.round(count / LARGE_EVERY)) : count;
    const { value: { rate: perSecond, p50, p99 }, cpu: spent } = await cpuPerUnit(side, noServer, amount, () => side.profiled(figure, () => load({ ...requests, amount })));
    if (upstream) allArrived(await upstream.requests(), 1 + FIRST[size] + amount);
    const figures = { [figure]: perSecond, [`${figure}-p50`]: p50, [`${figure}-p99`]: p99, ...(spent !== undefined && { [`cpu-${figure}`]: spent }) };
    return { figures: Object.fromEntries(Object.entries(figures).filter(([name]) => name in bench.figures)) };
  } finally {
    shareAlike([process.pid]);
    await side.ask('close').catch(() => undefined);
    await server.dropDatabase(database.name);
  }
}

/** PostgreSQL has no part in it, so its CPU time does not count. */
const noServer = { cpuSeconds: () => 0 };
