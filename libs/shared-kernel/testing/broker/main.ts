import { once } from 'node:events';
import { findBroker } from './find-broker.js';

/**
 * `node …/main.js DATA_DIR`: finds a RabbitMQ or starts one, prints its URL and where it came from as a line of JSON,
 * and ends what it started when its standard input ends. For launchers, which must not outlive or be outlived by it.
 */
async function main([dataDir]: readonly string[]): Promise<void> {
  const broker = await findBroker({
    amqpUrl: process.env['AMQP_URL'], say: (line) => process.stderr.write(`${line}\n`), ...(dataDir !== undefined && { dataDir }),
  });
  process.stdout.write(`${JSON.stringify({ url: broker.url, how: broker.how })}\n`);
  process.stdin.resume();
  await once(process.stdin, 'close');
  await broker.stop();
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
