import { join } from 'node:path';
import { Client } from 'pg';
import { kernel, logWarningsOnly } from '../../lib/product.mjs';
import { startCallee } from '../callee-process.mjs';
import { dispatcherOf, openContext, prices } from './banyan-contract.mjs';

await logWarningsOnly();
const { Facade, MONOLITH } = await kernel('facade');
const { Metrics } = await kernel('observability');
const { MeasuredTransport, clientThrough } = await kernel('rpc');
const { deadlineIn, runInput } = await kernel('runtime');

/** Milliseconds; what an app of ours gives every request, from which calls come. */
const DEADLINE_MS = 30_000;

/** Ours, as one context calls another in its process: through the facade, to the handler's own input and back. */
export const openLocal = ({ url }) => open(url, undefined);

/** Ours, when the other one is live in a process of its own. */
export async function openRemote({ url, amqpUrl, name }) {
  const callee = await startCallee(join(import.meta.dirname, 'banyan-callee.mjs'), { url, amqpUrl, name });
  // Written by hand: what a move checks is no part of this.
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(`INSERT INTO facade.stage (context, stage, percent, epoch, salt) VALUES ($1, 'live', 100, 1, 'bench')`, [prices.name]);
  await client.end();
  return open(url, { url: amqpUrl, namespace: name }, callee);
}

async function open(url, broker, callee) {
  const facade = await Facade.open({ databaseUrl: url, app: MONOLITH, contexts: ['shop', prices.name], fronts: ['shop', prices.name], upstreams: [], broker, obeysFaultHeader: false });
  const [shop, own] = [await openContext(url, 'shop'), await openContext(url, prices.name)];
  const { quote } = clientThrough(prices, new MeasuredTransport(facade.transport(facade.faults.around(dispatcherOf(own))), 'shop', new Metrics()), shop);
  return {
    call: (asked) => runInput({ context: 'shop', deadline: deadlineIn(DEADLINE_MS) }, () => quote(asked)),
    answers: callee?.answers,
    close: async () => {
      await callee?.stop();
      await Promise.all([shop.close(), own.close()]);
      await facade.stop();
    },
  };
}
