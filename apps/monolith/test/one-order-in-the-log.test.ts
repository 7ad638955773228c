import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestDatabase, eventually, testDatabase } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type LogLine, ShopProcess } from './shop-process.js';
import { Shopping } from './shop.js';

let process: ShopProcess;
let storage: TestDatabase;
let dataDir: string;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'banyan-log-'));
  storage = await testDatabase();
  process = await ShopProcess.start({ DATA_DIR: dataDir, DATABASE_URL: storage.url });
});
afterAll(async () => {
  await process.kill('SIGTERM');
  await storage.drop();
  await rm(dataDir, { recursive: true });
});

it('every line is JSON with time, level, service, context, correlation id and trace id', () => {
  const isComplete = (line: LogLine) => ['time', 'level', 'service', 'context', 'correlationId', 'traceId'].every((field) => typeof line[field] === 'string');
  expect(process.lines.length).toBeGreaterThan(10);
  expect(process.lines.filter((line) => !isComplete(line))).toEqual([]);
});

it('one order can be followed through all contexts by its correlation id alone', async () => {
  const shop = await Shopping.at(process.url, await process.operator());
  const [sku, customer] = [await shop.article(), await shop.customer()];
  const correlationId = 'follow-me-42';
  const { body, headers } = await shop.send('POST', '/v1/orders', {
    token: customer.token, body: { lines: [{ sku, quantity: 1 }] }, headers: { 'x-correlation-id': correlationId },
  });
  expect(headers.get('x-correlation-id')).toBe(correlationId);
  await shop.settled(body.id);

  const wayOf = () => process.lines.filter((line) => line['correlationId'] === correlationId);
  await eventually(() => {
    expect([...new Set(wayOf().map((line) => line['context']))]).toEqual(expect.arrayContaining(['ordering', 'catalog', 'inventory', 'payments', 'shipping', 'notifications', 'reporting']));
  });
  expect(new Set(wayOf().map((line) => line['traceId'])).size).toBe(1);
});

it('no secret and no payload is in the log', async () => {
  const { password } = await process.operator();
  const log = JSON.stringify(process.lines);
  expect(log).not.toContain(password);
  expect(log).not.toContain('correct horse battery');
  expect(log).not.toMatch(/eyJ[\w-]{10,}\./);
});
