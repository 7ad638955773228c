import { type Server, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { type Broker, findBroker } from './find-broker.js';

/** The environment is the only thing that Jest's global setup can hand on to its workers. */
const NAME = 'TEST_BROKER_KEEPER';

const answerSchema = z.union([z.object({ url: z.string() }), z.object({ problem: z.string() })]);

let server: Server | undefined;
let broker: Promise<Broker> | undefined;

/**
 * Opens a port where the workers of a test run can ask for a broker. The first question finds or starts one for all of
 * them: most runs ask never, and should not wait for it.
 */
export async function openKeeper(): Promise<void> {
  const keeper = createServer((socket) => {
    socket.on('error', () => undefined);
    // oxlint-disable-next-line no-process-env -- how tests are told of a broker
    broker ??= findBroker({ amqpUrl: process.env['AMQP_URL'], say: (line) => process.stderr.write(`${line}\n`) });
    broker.then(({ url }) => socket.end(JSON.stringify({ url })), (error: unknown) => socket.end(JSON.stringify({ problem: error instanceof Error ? error.message : String(error) })));
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  keeper.listen(0, '127.0.0.1', resolve);
  await promise;
  keeper.unref();
  server = keeper;
  const address = keeper.address();
  // oxlint-disable-next-line no-process-env -- see above
  process.env[NAME] = String(typeof address === 'object' && address ? address.port : 0);
}

/** Ends what was started for this run. */
export async function closeKeeper(): Promise<void> {
  server?.close();
  await (await broker?.catch(() => undefined))?.stop();
}

/**
 * The URL of the run's broker.
 * @throws Error telling why there is none
 */
export async function askKeeper(): Promise<string> {
  // oxlint-disable-next-line no-process-env -- see above
  const port = Number(process.env[NAME]);
  if (!(port > 0)) throw new Error('There is nobody to ask for a broker: Jest\'s global setup sees to that. Run the tests through npm test.');
  const answer = answerSchema.parse(JSON.parse(await text(connect(port, '127.0.0.1'))));
  if ('problem' in answer) throw new Error(answer.problem);
  return answer.url;
}
