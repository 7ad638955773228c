import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type ContextUnderTest, type TestRequest, type TestResponse, contextUnderTest } from '@banyan/kernel/testing';
import { catalog } from '../index.js';
import { ProductRepository } from '../src/product.repository.js';

const staff = { id: '019a0000-0000-7000-8000-000000000001', roles: ['customer', 'staff'] };
const customer = { id: '019a0000-0000-7000-8000-000000000002', roles: ['customer'] };
const pounds = (amount: number) => ({ amount, currency: 'GBP' });

let shop: ContextUnderTest;
beforeAll(async () => { shop = await contextUnderTest(catalog); });
afterAll(async () => { await shop.close(); });

const at = (sku: string): string => `/v1/products/${encodeURIComponent(sku)}`;
const put = (sku: string, body: unknown, request: TestRequest = {}): Promise<TestResponse> => shop.http('PUT', at(sku), { as: staff, body, ...request });
const read = (sku: string, headers: Record<string, string> = {}): Promise<TestResponse> => shop.http('GET', at(sku), { as: customer, headers });
const list = (query: string): Promise<TestResponse> => shop.http('GET', `/v1/products?${query}`, { as: customer });

describe('putting a product', () => {
  it('adds it, tells where it is, and then changes it', async () => {
    const added = await put('85123A', { name: 'Heart T-Light Holder', price: pounds(255) });
    expect(added).toMatchObject({ status: 201, headers: { location: '/v1/products/85123A' }, body: { sku: '85123A', name: 'Heart T-Light Holder', price: pounds(255) } });
    const changed = await put('85123A', { name: 'Heart T-Light Holder', price: pounds(295) });
    expect(changed.status).toBe(200);
    expect(changed.headers['location']).toBeUndefined();
    expect(changed.headers['etag']).not.toBe(added.headers['etag']);
    expect(await read('85123A')).toMatchObject({ status: 200, headers: { etag: changed.headers['etag'] }, body: { price: pounds(295) } });
  });

  it('keeps the ETag when nothing changes, and does not come back to an old one', async () => {
    const first = await put('ETAG-1', { name: 'A', price: pounds(1) });
    expect((await put('ETAG-1', { name: 'A', price: pounds(1) })).headers['etag']).toBe(first.headers['etag']);
    await put('ETAG-1', { name: 'B', price: pounds(1) });
    expect((await put('ETAG-1', { name: 'A', price: pounds(1) })).headers['etag']).not.toBe(first.headers['etag']);
  });

  it('answers a repeated request as it did the first time', async () => {
    const request = { key: 'same-intent' };
    const first = await put('TWICE', { name: 'A', price: pounds(1) }, request);
    await put('TWICE', { name: 'B', price: pounds(2) });
    const again = await put('TWICE', { name: 'A', price: pounds(1) }, request);
    expect(again).toMatchObject({ status: 201, body: first.body, headers: { 'idempotent-replayed': 'true', etag: first.headers['etag'], location: '/v1/products/TWICE' } });
    expect((await read('TWICE')).body.name).toBe('B');
  });

  it.each([
    ['letters, a space and a slash', 'GIFT 0001/20'],
    ['everything else a SKU may have', "a.-_/&'()+#z"],
    ['64 characters that all need escaping but two', `a${'/'.repeat(62)}z`],
  ])('takes a SKU with %s', async (_, sku) => {
    const added = await put(sku, { name: 'x', price: pounds(1) });
    expect(added).toMatchObject({ status: 201, body: { sku } });
    expect((await shop.http('GET', String(added.headers['location']), { as: customer })).body.sku).toBe(sku);
  });

  it.each([
    ['a SKU with a space at its end', 'A ', { name: 'x', price: pounds(1) }, ['{sku}']],
    ['a SKU of 65 characters', 'x'.repeat(65), { name: 'x', price: pounds(1) }, ['{sku}']],
    ['a negative price and a blank name', 'BAD', { name: ' ', price: pounds(-1) }, ['/name', '/price/amount']],
    ['another currency', 'BAD', { name: 'x', price: { amount: 1, currency: 'EUR' } }, ['/price/currency']],
    ['a field that is not known', 'BAD', { name: 'x', price: pounds(1), stock: 7 }, ['/stock']],
    ['nothing', 'BAD', {}, ['/name', '/price']],
  ])('refuses %s and names what is wrong', async (_, sku, body, paths) => {
    const refused = await put(sku, body);
    expect(refused).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect(refused.body.errors.map((it: { path: string }) => it.path).sort()).toEqual(paths);
  });

  it('is for staff, who send an Idempotency-Key', async () => {
    const body = { name: 'x', price: pounds(1) };
    expect((await shop.http('PUT', at('NO'), { body })).status).toBe(401);
    expect((await shop.http('PUT', at('NO'), { as: customer, body })).status).toBe(403);
    expect(await put('NO', body, { key: null })).toMatchObject({ status: 400, body: { code: 'idempotency-key-missing' } });
    expect((await read('NO')).status).toBe(404);
  });
});

describe('a precondition', () => {
  it.each([
    ['If-Match with the current ETag', (tag: string) => ({ 'if-match': tag }), 200],
    ['If-Match with one of several', (tag: string) => ({ 'if-match': `"other", ${tag}` }), 200],
    ['If-Match: *', () => ({ 'if-match': '*' }), 200],
    ['If-Match with an old ETag', () => ({ 'if-match': '"old"' }), 412],
    ['If-Match with a weak one', (tag: string) => ({ 'if-match': `W/${tag}` }), 412],
    ['If-None-Match: *', () => ({ 'if-none-match': '*' }), 412],
  ])('%s is honoured where the product exists', async (name, headersFor, status) => {
    const sku = name.replaceAll(/[^A-Za-z]/g, '');
    const { headers } = await put(sku, { name: 'before', price: pounds(1) });
    const changed = await put(sku, { name: 'after', price: pounds(1) }, { headers: headersFor(String(headers['etag'])) });
    expect(changed.status).toBe(status);
    expect((await read(sku)).body.name).toBe(status === 412 ? 'before' : 'after');
    expect(changed.body.code).toBe(status === 412 ? 'precondition-failed' : undefined);
  });

  it.each([
    ['If-Match: *', { 'if-match': '*' }, 412],
    ['If-Match with an ETag', { 'if-match': '"some"' }, 412],
    ['If-None-Match: *', { 'if-none-match': '*' }, 201],
  ])('%s is honoured where there is no product', async (name, headers, status) => {
    const sku = `new-${name.replaceAll(/[^A-Za-z]/g, '')}`;
    expect((await put(sku, { name: 'x', price: pounds(1) }, { headers })).status).toBe(status);
    expect((await read(sku)).status).toBe(status === 412 ? 404 : 200);
  });

  it('lets one of 20 writers with the same ETag through', async () => {
    const { headers } = await put('RACE', { name: 'start', price: pounds(1) });
    const writes = Array.from({ length: 20 }, (_, i) => put('RACE', { name: `writer ${i}`, price: pounds(1) }, { headers: { 'if-match': String(headers['etag']) } }));
    const statuses = (await Promise.all(writes)).map((it) => it.status);
    expect(statuses.filter((it) => it === 200)).toHaveLength(1);
    expect(statuses.filter((it) => it === 412)).toHaveLength(19);
  });

  it('lets one of 20 who add the same SKU be the first, and the others change it', async () => {
    const writes = Array.from({ length: 20 }, (_, i) => put('RACE-NEW', { name: `writer ${i}`, price: pounds(1) }));
    const statuses = (await Promise.all(writes)).map((it) => it.status).sort();
    expect(statuses).toEqual([...Array.from({ length: 19 }, () => 200), 201]);
  });

  it('lets one of 20 who want to be the first be it, and refuses the others', async () => {
    const writes = Array.from({ length: 20 }, (_, i) => put('RACE-FIRST', { name: `writer ${i}`, price: pounds(1) }, { headers: { 'if-none-match': '*' } }));
    const statuses = (await Promise.all(writes)).map((it) => it.status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 412)]);
  });
});

describe('reading a product', () => {
  it('is answered 304 without a body to who has it already', async () => {
    const { headers } = await put('CACHED', { name: 'x', price: pounds(1) });
    const tag = String(headers['etag']);
    for (const known of [tag, `W/${tag}`, `"a", ${tag}`, '*']) {
      const answer = await read('CACHED', { 'if-none-match': known });
      expect(answer).toMatchObject({ status: 304, body: undefined, headers: { etag: tag, 'cache-control': 'private, no-cache' } });
    }
    expect((await read('CACHED', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('tells that there is none, and that case counts', async () => {
    await put('Case', { name: 'x', price: pounds(1) });
    expect(await read('case')).toMatchObject({ status: 404, body: { code: 'not-found', detail: expect.stringContaining('case') } });
  });

  it('is for whoever is signed in', async () => {
    expect((await shop.http('GET', at('CACHED'))).status).toBe(401);
    expect((await shop.http('GET', '/v1/products')).status).toBe(401);
  });
});

describe('the list', () => {
  beforeAll(async () => {
    for (const [sku, name] of [
      ['LIST-a', 'Crème brûlée dish'], ['LIST-B', '100% cotton'], ['LIST-C', 'under_score'], ['LIST-D', 'back\\slash'], ['LIST-E', 'CREME pot'],
    ] as const) await put(sku, { name, price: pounds(1) });
  });

  it('gives every product once, in the byte order of SKUs, page by page', async () => {
    const seen: string[] = [];
    let cursor = '';
    do {
      const { status, body } = await list(`q=list-&limit=2${cursor}`);
      expect(status).toBe(200);
      expect(body.data.length).toBeLessThanOrEqual(2);
      expect(body.hasMore).toBe(body.nextCursor !== null);
      seen.push(...body.data.map((it: { sku: string }) => it.sku));
      cursor = body.hasMore ? `&cursor=${body.nextCursor}` : '';
    } while (cursor);
    expect(seen).toEqual(['LIST-B', 'LIST-C', 'LIST-D', 'LIST-E', 'LIST-a']);
  });

  it.each([
    ['part of the name in any case', 'BRÛLÉE', ['LIST-a']],
    ['a letter composed differently', 'cre\u0300me', ['LIST-a']],
    ['part of the SKU in any case', 'ist-b', ['LIST-B']],
    ['a percent sign as itself', '0%', ['LIST-B']],
    ['an underscore as itself', 'r_s', ['LIST-C']],
    ['a backslash as itself', 'k\\s', ['LIST-D']],
    ['what no product has', 'no such thing', []],
    ['what SKU and name have only together', 'B100', []],
  ])('finds %s', async (_, q, skus) => {
    const { body } = await list(`q=${encodeURIComponent(q)}`);
    expect(body.data.map((it: { sku: string }) => it.sku)).toEqual(skus);
  });

  it('is the whole catalogue when the search is empty', async () => {
    const { body } = await list('q=&limit=3');
    expect([body.data.length, body.hasMore]).toEqual([3, true]);
  });

  it.each([
    ['?limit=0', 'limit=0', ['?limit']], ['?limit=101', 'limit=101', ['?limit']], ['?limit=x', 'limit=x', ['?limit']],
    ['a cursor of another list', 'cursor=zzz', ['?cursor']], ['a search of 101 characters', `q=${'x'.repeat(101)}`, ['?q']],
    ['?order=price', 'order=price', ['?order']],
  ])('refuses %s', async (_, query, paths) => {
    const { status, body } = await list(query);
    expect([status, body.errors.map((it: { path: string }) => it.path)]).toEqual([400, paths]);
  });
});

describe('a hot statement', () => {
  it.each<[string, (products: ProductRepository) => Promise<unknown>]>([
    ['a page of the list', (products) => products.list('M', '', 21)],
    ['a page of a search', (products) => products.list('M', 'heart', 21)],
    ['the prices of some products', (products) => products.findAll(['P 10', 'P 4000', 'P 77'])],
    ['one product', (products) => products.find('P 10')],
  ])('reads %s through the primary key', async (_, run) => {
    await shop.database.query(
      `insert into product (sku, name, price_amount, price_currency, version, changed_at, search_text)
       select 'P ' || n, 'plan', 1, 'GBP', 1, '2026-01-01', 'plan' from generate_series(1, 5000) as n on conflict do nothing`,
    );
    await shop.database.query('analyze product');
    const sent = jest.spyOn(shop.database, 'query');
    await shop.input(() => run(shop.get(ProductRepository)));
    const [[statement] = ['']] = sent.mock.calls;
    sent.mockRestore();
    const plan = await shop.database.query<{ 'QUERY PLAN': string }>(`explain (generic_plan) ${statement}`);
    expect(plan.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan (using|on) product_pkey/);
  });
});
