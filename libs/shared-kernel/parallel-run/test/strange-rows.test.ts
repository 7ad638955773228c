import { afterEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import type { ShadowUnderTest } from '../../testing/index.js';
import { bothSides, copied } from './same-rows.js';
import { key, tillTwice } from './till-under-test.js';
import { tillContract } from './till-words.fixture.js';

let both: ShadowUnderTest;
afterEach(() => both.close());

/** A till with a table more. */
const withTable = (sql: string): Promise<ShadowUnderTest> => tillTwice({ instead: [], migrations: [{ name: '0002-scale', sql }] }, []);

describe('rows that other hands write', () => {
  it.each([
    ['numbers that JavaScript does not know to the last digit', 'id bigint PRIMARY KEY, grams numeric NOT NULL, told jsonb', `(9007199254740993, 10.50, '{"b": [1.10], "a": 12345678901234567890}'), (9007199254740992, 0.12345678901234567890, '1.50')`],
    ['what the database numbers itself', 'id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, grams numeric NOT NULL, again int GENERATED ALWAYS AS (7) STORED', '(DEFAULT, 1, DEFAULT), (DEFAULT, 2, DEFAULT)'],
    ['lists, bytes, and instants at the end of time', 'id int PRIMARY KEY, names text[], raw bytea, at timestamptz, days daterange', `(1, '{a,NULL,"NULL",""}', '\\x00ff', 'infinity', '[2011-01-01,)'), (2, '{}', '', '2011-07-04 12:00:00.000001+00', 'empty')`],
  ])('are the same on the copy: %s', async (_, columns, rows) => {
    both = await withTable(`CREATE TABLE scale (${columns})`);
    await both.begin();
    await both.context.storage.query(`INSERT INTO till.scale VALUES ${rows}`);
    expect((await both.report()).findings).toEqual([]);
    const all = 'SELECT it::text AS row FROM till.scale AS it ORDER BY 1';
    expect(await copied(both, all)).toEqual((await both.context.storage.query<{ row: string }>(all)).map((it) => it.row));
  });

  it('are changed and deleted by the key that they have', async () => {
    both = await withTable('CREATE TABLE scale (id bigint PRIMARY KEY, grams numeric NOT NULL)');
    await both.context.storage.query('INSERT INTO till.scale VALUES (9007199254740993, 1), (9007199254740992, 2)');
    await both.begin();
    await both.context.storage.query('DELETE FROM till.scale WHERE id = 9007199254740993');
    expect((await both.report()).findings).toEqual([]);
    expect(await copied(both, 'SELECT id::text AS row FROM till.scale')).toEqual(['9007199254740992']);
  });

  it('leave nothing behind under a key that they had before', async () => {
    both = await tillTwice();
    await both.context.storage.query(`INSERT INTO till.stock VALUES ('pear', 5), ('plum', 3), ('fig', 2)`);
    await both.begin();
    await both.context.storage.query(`UPDATE till.stock SET sku = 'apple' WHERE sku = 'pear'; UPDATE till.stock SET sku = sku || 's'`);
    expect((await both.report()).findings).toEqual([]);
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
    expect(copy['stock']).toHaveLength(3);
  });

  it('do not end the shadow with what JSON can say and text cannot', async () => {
    both = await withTable('CREATE TABLE scale (id int PRIMARY KEY, told json)');
    await both.begin();
    await both.context.storage.query(`INSERT INTO till.scale VALUES (1, '{"a": "\\u0000", "b": "\\ud800"}')`);
    expect((await both.report()).findings).toEqual([]);
    expect(await copied(both, `SELECT told->>'a' AS row FROM till.scale`)).toEqual(['\ufffd']);
  });

  it('are changed and deleted one by one where nothing names them', async () => {
    both = await withTable('CREATE TABLE scale (grams numeric, at timestamptz)');
    await both.begin();
    await both.context.storage.query(`INSERT INTO till.scale VALUES (1.0, NULL), (2, 'infinity'), (2, 'infinity'), (3, NULL)`);
    await both.context.storage.query('UPDATE till.scale SET grams = 7 WHERE grams = 3; DELETE FROM till.scale WHERE ctid = (SELECT min(ctid) FROM till.scale WHERE grams = 2)');
    expect((await both.report()).findings).toEqual([]);
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
    expect(copy['scale']).toHaveLength(3);
  });

  it('come to the copy when they are committed, and not before what was committed meanwhile', async () => {
    both = await tillTwice();
    const till = both.context.host.clientOf(tillContract);
    const { saleId } = await till.ring({ sku: 'apple', quantity: 1, price: 100 }, key());
    await till.pay({ saleId }, key());
    await both.begin();
    await both.interrupt();
    const operator = new Client({ connectionString: both.context.storage.url });
    await operator.connect();
    await operator.query('BEGIN; UPDATE till.sale SET net = net + 1000');
    const [sold] = await both.context.storage.query<{ day: string }>('SELECT sold_on::text AS day FROM till.sale');
    await till.closeDay({ day: sold?.day ?? '' }, key());
    await both.context.settle();
    await operator.query('COMMIT');
    await operator.end();
    await both.resume();
    expect(await both.report()).toMatchObject({ findings: [], coverage: { 'closing/add-up handled': [1, 1] } });
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
  });
});
