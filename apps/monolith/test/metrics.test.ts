import { readFileSync } from 'node:fs';
import { InvalidConfiguration } from '@banyan/kernel/app';
import { type ReadMetrics, readMetrics } from '@banyan/kernel/observability';
import { type TestDatabase, complaintsAbout, eventually, testDatabase } from '@banyan/kernel/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './read-config.js';
import { contexts } from '../contexts.js';
import { checkMetrics } from './promtool.js';
import { type ShopUnderTest, type Shopping, openShop } from './shop.js';

const TOKEN = 'only-for-whoever-scrapes-this-shop';

let identityStorage: TestDatabase;
let house: ShopUnderTest;
let shop: Shopping;
beforeAll(async () => {
  // Who somebody is, is kept elsewhere, so that it can be away while the rest of the shop is there.
  identityStorage = await testDatabase();
  house = await openShop({ METRICS_TOKEN: TOKEN, IDENTITY_DATABASE_URL: identityStorage.url });
  shop = house.shop;
});
afterAll(async () => {
  await house.close();
  await identityStorage.drop();
});

async function scrapedText(): Promise<string> {
  const answer = await fetch(new URL('/metrics', shop.url), { headers: { authorization: `Bearer ${TOKEN}` } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return answer.text();
}

const scrape = async (): Promise<ReadMetrics> => readMetrics(await scrapedText());

/** One order that is confirmed and one whose card is declined. Answers with both ids. */
async function twoOrders(): Promise<string[]> {
  const [sku, customer] = [await shop.article(), await shop.customer()];
  const ids = [await shop.order(customer.token, [{ sku, quantity: 1 }]), await shop.order(customer.token, [{ sku, quantity: 1 }], 'test-card-declined')];
  for (const id of ids) await shop.settled(id);
  await house.monolith.settled();
  return ids;
}

describe('the metrics of the shop', () => {
  it('move when orders flow: requests, events, sagas', async () => {
    const before = await scrape();
    await twoOrders();
    const grown = async (name: string, labels: Record<string, string>) => ((await scrape()).sum(name, labels) ?? 0) - (before.sum(name, labels) ?? 0);
    const checkout = { context: 'ordering', saga: 'checkout' };
    const placed = { context: 'reporting', event_type: 'ordering.order-placed' };
    await eventually(async () => {
      expect(await grown('banyan_http_requests_total', { context: 'ordering', method: 'POST', route: '/v1/orders', status: '2xx' })).toBe(2);
      expect(await grown('banyan_http_request_duration_seconds_count', { route: '/v1/orders', method: 'POST' })).toBe(2);
      expect(await grown('banyan_events_handled_total', placed)).toBe(2);
      expect(await grown('banyan_event_handler_duration_seconds_count', placed)).toBeGreaterThanOrEqual(2);
      expect(await grown('banyan_saga_steps_total', { ...checkout, step: 'reserve-stock', outcome: 'done' })).toBe(2);
      expect(await grown('banyan_saga_steps_total', { ...checkout, step: 'reserve-stock', outcome: 'undone' })).toBe(1);
      expect(await grown('banyan_saga_steps_total', { ...checkout, step: 'authorize-payment', outcome: 'refused' })).toBe(1);
      expect(await grown('banyan_saga_duration_seconds_count', { ...checkout, outcome: 'done' })).toBe(1);
      expect(await grown('banyan_saga_duration_seconds_count', { ...checkout, outcome: 'compensated' })).toBe(1);
    });
  });

  it('show for every context a database that answers, an empty outbox and a relay, once all is done', async () => {
    await twoOrders();
    await eventually(async () => {
      const figures = await scrape();
      for (const { name: context, sagas } of contexts) {
        const shown = ['banyan_context_database_up', 'banyan_relay_leader', 'banyan_outbox_events', 'banyan_inbox_events', 'banyan_events_oldest_age_seconds', 'banyan_database_pool_limit']
          .map((name) => figures.sum(name, { context }));
        expect({ context, shown }).toEqual({ context, shown: [1, 1, 0, 0, 0, 10] });
        for (const { name: saga } of sagas) expect({ saga, unfinished: figures.sum('banyan_sagas', { context, saga }) }).toEqual({ saga, unfinished: 0 });
      }
    });
  });

  it('are found in order by promtool', async () => {
    await twoOrders();
    const text = await scrapedText();
    expect(complaintsAbout(readMetrics(text))).toEqual([]);
    expect(await checkMetrics(text)).toBe('');
    expect(await checkMetrics(text.replaceAll('banyan_http_requests_total', 'banyan_http_requests'))).toContain('banyan_http_requests');
  }, 300_000);

  it('name no order and nobody, however many there are', async () => {
    const ids = await twoOrders();
    for (const id of ids) await shop.send('GET', `/v1/orders/${id}`, { token: shop.staff.token });
    for (let i = 0; i < 20; i += 1) await shop.send('GET', `/v1/wish-lists/${i}`);
    await eventually(async () => { expect((await scrape()).sum('banyan_http_requests_total', { route: '/v1/orders/:id' })).toBeGreaterThanOrEqual(2); });
    const [before, text] = [await scrape(), await scrapedText()];
    for (const id of [...ids, shop.staff.id, 'wish-lists']) expect(text).not.toContain(id);
    await twoOrders();
    const series = ({ families }: ReadMetrics) => [...families.values()].filter(({ name }) => name.startsWith('banyan_')).reduce((sum, { samples }) => sum + samples.length, 0);
    // One order more in a label would be dozens of series; a first retry of something is one.
    expect(series(await scrape()) - series(before)).toBeLessThan(5);
  });

  it('are those that the guide names, no more and no fewer', async () => {
    const guide = readFileSync('docs/guides/metrics.md', 'utf8');
    const named = [...guide.matchAll(/^\| `(banyan_\w+)` \| (\w+) \| ([^|]*) \|/gm)].map(([, name, type, labels]) => ({ name, type, labels: labels?.replaceAll('`', '').trim() }));
    const shown = [...(await scrape()).families.values()].filter(({ name }) => name.startsWith('banyan_')).map(({ name, type, samples }) => ({
      name, type, labels: Object.keys(samples[0]?.labels ?? {}).filter((it) => it !== 'le').sort().join(', '),
    }));
    const without = (list: typeof named) => list.map(({ name, type }) => `${type} ${name}`).sort();
    expect(without(named)).toEqual(without(shown));
    // A metric that has not counted anything yet shows no labels.
    const known = new Map(named.map(({ name, labels }) => [name, labels]));
    expect(shown.filter(({ name, labels }) => labels !== '' && labels !== known.get(name))).toEqual([]);
  });
});

describe('a scrape while the database of a context is away', () => {
  it('is let in and answered, says which context it is, and shows all others', async () => {
    const [row] = await identityStorage.query<{ name: string }>('SELECT current_database() AS name');
    await house.storage.query(`ALTER DATABASE ${row?.name} CONNECTION LIMIT 0`);
    await house.storage.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [row?.name]);
    const begun = performance.now();
    const figures = await scrape();
    expect(performance.now() - begun).toBeLessThan(5_000);
    const up = contexts.map(({ name: context }) => [context, figures.sum('banyan_context_database_up', { context })]);
    expect(up).toEqual(contexts.map(({ name }) => [name, name === 'identity' ? 0 : 1]));
    expect(figures.sum('banyan_inbox_events', { context: 'identity' })).toBeUndefined();
    const read = await shop.send('GET', '/metrics', { token: shop.staff.token });
    expect([read.status, read.headers.get('x-banyan-degraded')]).toEqual([200, 'session-status']);
    await house.storage.query(`ALTER DATABASE ${row?.name} CONNECTION LIMIT -1`);
    await eventually(async () => { expect((await scrape()).sum('banyan_context_database_up', { context: 'identity' })).toBe(1); });
  });
});

describe('who may read the metrics', () => {
  const monitoring = (environment: Record<string, string>) => readConfig(environment).monitoring;
  const production = {
    NODE_ENV: 'production', DATABASE_URL: 'postgres://owner:kd82hs0wkz@db/shop', ADMIN_EMAIL: 'a@shop.example', ADMIN_PASSWORD: 'kf93-kd92-lq01',
    CARD_PROCESSOR: 'test', SMTP_URL: 'smtps://shop:kd9@mail.example', MAIL_FROM: 'shop@shop.example',
  };

  it('is whoever is on the machine in development, and operators alone in production, unless there is a token', () => {
    expect(monitoring({})).toEqual({ is: 'local' });
    expect(monitoring(production)).toBeUndefined();
    for (const environment of [{}, production]) expect(monitoring({ ...environment, METRICS_TOKEN: TOKEN })).toEqual({ is: 'token', token: TOKEN });
  });

  it('is nobody by a token that could be guessed, and it is not repeated', () => {
    const refused = (METRICS_TOKEN: string) => {
      try {
        readConfig({ METRICS_TOKEN });
        return [];
      } catch (error) {
        return error instanceof InvalidConfiguration ? error.problems : [String(error)];
      }
    };
    for (const token of ['hunter2', 'twenty letters and gaps']) expect(refused(token)).toEqual([expect.stringMatching(/^METRICS_TOKEN: .*not shown/)]);
  });

  it('is in a running shop the token and the operator, nobody else', async () => {
    const status = async (token?: string) => (await shop.send('GET', '/metrics', { token })).status;
    expect([await status(), await status('another-token-of-enough-letters')]).toEqual([401, 401]);
    expect(await status((await shop.customer()).token)).toBe(403);
    expect([await status(TOKEN), await status(shop.staff.token)]).toEqual([200, 200]);
    expect((await shop.send('GET', '/v1/me', { token: TOKEN })).status).toBe(401);
  });
});
