import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestBroker, testBroker } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { contexts } from '../../contexts.js';
import { readPage } from './markdown.js';
import { ScratchCheckout } from './scratch-checkout.js';
import { runShell } from './shell.js';
import { StartedPayments } from './started-payments.js';
import { StartedShop } from './started-shop.js';

/** Where the documents expect the shop. */
const USUAL = 'http://127.0.0.1:3000';
const { blocks } = readPage('docs/guides/parallel-run.md');
const [planted, mended] = blocks.flatMap((it, i) => (it.language === 'diff' ? [i] : []));
const restart = blocks.findIndex(({ text }) => text.includes('is it the same now?'));

let broker: TestBroker;
let shop: StartedShop;
/** Of the reader, who changes a line in it; what serves was started before that. */
let checkout: ScratchCheckout;
let payments: StartedPayments | undefined;
beforeAll(async () => {
  broker = await testBroker();
  shop = await StartedShop.start(overRabbitMq());
  checkout = new ScratchCheckout();
  checkout.linkPackages();
}, 120_000);
afterAll(async () => {
  await payments?.stop();
  await shop.stop();
  checkout.remove();
  await broker.drop(contexts.map(({ name }) => name));
}, 60_000);

const overRabbitMq = () => ({ EVENT_BUS: 'rabbitmq', AMQP_URL: broker.url, AMQP_NAMESPACE: broker.namespace });

/** In another terminal. */
async function startPayments(): Promise<void> {
  payments = await StartedPayments.start(checkout.folder, { ...shop.environment, ...overRabbitMq() });
}

/** What of the guide is typed from one block to before another, with what is defined at its beginning. */
async function follow(from: number, to: number): Promise<string> {
  const first = blocks.findIndex(({ isRun }) => isRun);
  const script = [...(from > first ? [blocks[first]] : []), ...blocks.slice(from, to).filter(({ isRun }) => isRun)].map((it) => it?.text ?? '').join('\n');
  return runShell(script.replaceAll(USUAL, shop.url), { cwd: checkout.folder, environment: shop.environment });
}

it('what the guide to parallel runs has people do finds the mistake, makes a test of it, and opens the gate when it is mended', async () => {
  const [mistake, correction] = [blocks[planted ?? -1], blocks[mended ?? -1]];
  if (!mistake || !correction || mended === undefined) throw new Error('The guide plants no mistake, or mends none.');
  checkout.write(mistake);
  await startPayments();
  const found = await follow(0, mended);
  expect(found).toMatch(/finding: rows\/ledger-line\/\w+ of payments\.capture-payment \(payload\), \d+ times/);
  expect(found).toContain('The gate is closed.');
  expect(found).toMatch(/rows\/ledger-line\/(?:debit|credit) \(payload\): 295 → 294/);
  expect(found).toContain('It fails, as it should.');
  expect(readFileSync(join(checkout.folder, 'report.html'), 'utf8')).toContain('class="differs"');
  checkout.write(correction);
  expect(await follow(mended, restart)).toMatch(/^1 passed, 0 failed/m);
  await payments?.stop();
  await startPayments();
  const opened = await follow(restart, blocks.length).catch((error: unknown) => { throw new Error(`The shop said:\n${shop.screen.slice(-2_000)}`, { cause: error }); });
  expect(opened).toContain('The gate is closed.');
  expect(opened).toMatch(/payments\.capture-payment +captured +\d+ +\d+ +29\d\d more needed/);
  expect(opened).toContain('payments: the gate is open, score 100 %');
  expect(opened).toMatch(/canary at 10 % can be done\. Nothing was changed\./);
}, 400_000);
