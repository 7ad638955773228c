import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestBroker, eventually, testBroker } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contexts } from '../../contexts.js';
import { Shopping } from '../shop.js';
import { readPage, root, scriptOf } from './markdown.js';
import { runShell } from './shell.js';
import { StartedShop } from './started-shop.js';

let broker: TestBroker;
let shop: StartedShop;
let shopping: Shopping;
let extracted: ChildProcess | undefined;
beforeAll(async () => {
  broker = await testBroker();
  shop = await StartedShop.start(overRabbitMq());
  const [, email = '', password = ''] = /operator +(\S+) +(\S+)/.exec(shop.screen) ?? [];
  shopping = await Shopping.at(shop.url, { email, password });
}, 120_000);
afterAll(async () => {
  if (extracted?.exitCode === null) {
    const ended = once(extracted, 'exit');
    extracted.kill('SIGINT');
    await ended;
  }
  await shop.stop();
  await broker.drop(contexts.map(({ name }) => name));
}, 60_000);

const overRabbitMq = () => ({ EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace });

/** `npm run start:extracted -- payments` in another terminal. */
async function startPayments(): Promise<void> {
  const child = spawn('npm', ['run', 'start:extracted', '--', 'payments'], { cwd: root, env: { ...shop.environment, ...overRabbitMq() }, stdio: ['ignore', 'ignore', 'pipe'] });
  extracted = child;
  let said = '';
  const opened = new Promise<void>((resolve, reject) => {
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      if (said.includes('Ctrl-C drains')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`npm run start:extracted ended with ${code}: ${said}`)));
  });
  await opened;
}

it('what the guide to lifting a context out has people type moves payments out and back, and no order notices', async () => {
  await startPayments();
  const guide = readPage('docs/guides/extract-a-context.md');
  const [sku, customer, over] = [await shopping.article({ stock: 5_000 }), await shopping.customer(), new AbortController()];
  const [ids, failed]: [string[], unknown[]] = [[], []];
  const buying = (async () => {
    while (!over.signal.aborted) {
      const answer = await shopping.send('POST', '/v1/orders', { token: customer.token, body: { lines: [{ sku, quantity: 1 }] } });
      const seen = await shopping.send('GET', `/v1/payments?orderId=${answer.body?.id}`, { token: customer.token });
      if (answer.status === 202 && seen.status === 200) ids.push(answer.body.id); else failed.push(answer.body, seen.body);
    }
  })();
  const output = await runShell(scriptOf(guide), { cwd: root, environment: shop.environment });
  await eventually(() => { expect(ids.length).toBeGreaterThan(5); });
  over.abort();
  await buying;
  expect(failed).toEqual([]);
  expect(output).toMatch(/^payments \(team-money\): ready$/m);
  expect(output).toMatch(/^ {2}ordering +payments\.authorize-payment +[1-9]\d* /m);
  expect(output).toContain('payments: embedded → canary at 10 %. Every process follows within a second.');
  expect(output).toContain('payments: canary at 50 % → live.');
  expect(output).toMatch(/live +embedded .*that was the rehearsal/);
  for (const id of ids) expect(await shopping.settled(id, 60_000)).toMatchObject({ status: 'confirmed' });
}, 300_000);
