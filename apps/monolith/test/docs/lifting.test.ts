import { type TestBroker, eventually, testBroker } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contexts } from '../../contexts.js';
import { Shopping } from '../shop.js';
import { readPage, root, scriptOf } from './markdown.js';
import { runShell } from './shell.js';
import { StartedPayments } from './started-payments.js';
import { StartedShop } from './started-shop.js';

let broker: TestBroker;
let shop: StartedShop;
let shopping: Shopping;
let payments: StartedPayments | undefined;
beforeAll(async () => {
  broker = await testBroker();
  shop = await StartedShop.start(overRabbitMq());
  const [, email = '', password = ''] = /operator +(\S+) +(\S+)/.exec(shop.screen) ?? [];
  shopping = await Shopping.at(shop.url, { email, password });
}, 120_000);
afterAll(async () => {
  await payments?.stop();
  await shop.stop();
  await broker.drop(contexts.map(({ name }) => name));
}, 60_000);

const overRabbitMq = () => ({ EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace });

it('what the guide to lifting a context out has people type moves payments out and back, and no order notices', async () => {
  payments = await StartedPayments.start(root, { ...shop.environment, ...overRabbitMq() });
  const guide = readPage('docs/guides/extract-a-context.md');
  const [sku, customer, over] = [await shopping.article({ stock: 5_000 }), await shopping.customer(), new AbortController()];
  const [ids, failed]: [string[], unknown[]] = [[], []];
  const buying = (async () => {
    while (!over.signal.aborted) {
      const answer = await shopping.send('POST', '/v1/orders', { token: customer.token, body: { lines: [{ sku, quantity: 1 }] } });
      const seen = await shopping.send('GET', `/v1/payments?orderId=${answer.body?.id}`, { token: customer.token });
      if (answer.status === 202 && seen.status === 200) await shopping.settled(answer.body.id, 60_000).then(({ status }) => (status === 'confirmed' ? ids : failed).push(answer.body.id));
      else failed.push(answer.body, seen.body);
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
}, 300_000);
