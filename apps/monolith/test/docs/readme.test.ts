import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '@banyan/kernel/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { banner } from '../../banner.js';
import { endpointsOf } from '../endpoints.js';
import { Shopping } from '../shop.js';
import { allPages, codeIn, readPage, root, scriptOf } from './markdown.js';
import { runShell } from './shell.js';
import { StartedShop } from './started-shop.js';

/** What the replay leaves where it was started. */
const rejects = join(root, 'invoices.rejects.csv');
const hadRejects = existsSync(rejects);
/** Where the documents expect the shop. */
const USUAL = 'http://127.0.0.1:3000';
const readme = readPage('README.md');

let shop: StartedShop;
let shopping: Shopping;
beforeAll(async () => {
  shop = await StartedShop.start();
  shopping = await Shopping.at(shop.url, operator());
}, 120_000);
afterAll(async () => {
  if (!hadRejects) rmSync(rejects, { force: true });
  await shop.stop();
});

function operator(): { email: string; password: string } {
  const [, email = '', password = ''] = /operator +(\S+) +(\S+)/.exec(shop.screen) ?? [];
  return { email, password };
}

/** Runs a page's blocks against this shop, one after the other in one shell. */
const follow = (page: typeof readme) => runShell(scriptOf(page).replaceAll(USUAL, shop.url), { cwd: root, environment: shop.environment });

it('the README shows the request that the start prints', () => {
  const printed = banner({ url: USUAL, seconds: 1, operator: undefined, dataDir: '.data' }).split('\n').filter((line) => line.startsWith('    '));
  expect(printed.length).toBeGreaterThan(2);
  expect(readme.blocks[1]?.text.trim().split('\n')).toEqual(printed.map((line) => line.trim()));
});

it('what the README has people type places an order, shows it, and balances the books of real invoices', async () => {
  const output = await follow(readme);
  expect(output).toContain('HTTP/1.1 202');
  const [id = ''] = /(?<=\/v1\/orders\/)[\w-]{36}/.exec(output) ?? [];
  expect(output).toMatch(new RegExp(`"data":\\[\\{"id":"${id}"`));
  expect(output).toContain('✓ sales by day');
  await eventually(async () => { expect((await shopping.send('GET', `/v1/orders/${id}`, { token: shopping.staff.token })).body.status).toBe('confirmed'); });
}, 60_000);

it('what the guide to running it has people type answers as it says', async () => {
  const output = await follow(readPage('docs/guides/run-it.md'));
  expect(output.match(/"status":"ok"/g)).toHaveLength(3);
  expect(output).toContain('"orders":');
  expect(output).toContain('"balance":');
});

it('what the guide to traces has people type names the trace of an answer', async () => {
  expect(await follow(readPage('docs/guides/traces.md'))).toMatch(/^traceparent: 00-[0-9a-f]{32}-[0-9a-f]{16}-01$/im);
});

it('every endpoint that a document names is there', async () => {
  const nameless = (path: string) => path.replaceAll(/\{\w+\}/g, '{}');
  const known = new Set((await endpointsOf(shopping)).map(({ method, path }) => `${method} ${nameless(path)}`));
  const named = allPages().flatMap((page) => [...codeIn(page).join('\n').matchAll(/\b(?:GET|PUT|POST|DELETE) \/[\w/{}.-]+/g)].map(([endpoint]) => ({ page: page.path, endpoint })));
  // The wishlist is what a guide makes.
  expect(named.filter(({ endpoint }) => !known.has(nameless(endpoint)) && !endpoint.includes('/v1/wishes'))).toEqual([]);
});
