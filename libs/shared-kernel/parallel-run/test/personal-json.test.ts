import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ShadowUnderTest, shadowUnderTest } from '../../testing/index.js';
import { bothSides, copied, redaction } from './same-rows.js';
import { Customers } from './till-parts.fixture.js';
import { key } from './till-under-test.js';
import { type CommandOf, type ReplyOf, tillContract } from './till-words.fixture.js';
import { type Planted, neighbours, till } from './till.fixture.js';

/** People at every depth, under names however they are written, and what is no text. */
const PEOPLE = {
  name: 'Ann Secretive', E_Mail: 'ann.secretive@home.example', nobody: 'in here', 'some name': 'of a thing', empty: {}, none: [], nothing: null, yes: true,
  order: { lines: [{ sku: 'apple', name: null, price: 1.5 }, [{ email: ['b@secretive.example', 'c@secretive.example', 7, null, false] }]] },
  Name_: { first: 'Ann', last: 'Secretive', also: [['Nan', { called: 'Nancy Secretive', times: 12.25, pets: {}, cars: [] }]] },
  text: '{"name": "quoted"} \\u0000 \u00e9 \ud83d\ude00 "quoted"', email: '\u00c4nn "Secretive" \ud83d\ude00 \\ @home',
};

/** Writes down whom it met. */
class Introduced extends Customers {
  override async join(input: CommandOf<'join'>): Promise<ReplyOf<'join'>> {
    const { email, name } = input;
    await this.database.query(`INSERT INTO card (id, told, many) VALUES ($1, $2, ARRAY[$2]::jsonb[])`, [this.given.ids.next('card'), JSON.stringify({ by: 'an input', order: [{ email, who: { name } }, 3, null], name: [{ spelled: name }] })]);
    return super.join(input);
  }
}

const withCards: Planted = {
  instead: [[Customers, Introduced]],
  migrations: [{
    name: '0002-card',
    sql: `CREATE TYPE person AS (name text, born int);
      CREATE DOMAIN told AS jsonb;
      CREATE TABLE card (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), told jsonb, written json, name jsonb, many jsonb[], holder person, domain told, e_mail text[], tags text[]);
      CREATE TABLE bare (told jsonb)`,
  }],
};

describe('people in JSON', () => {
  let both: ShadowUnderTest;
  const insert = () => both.context.storage.query(
    `INSERT INTO till.card (told, written, name, many, holder, domain, e_mail, tags) SELECT j, j, j, ARRAY[j, NULL, '[]', '{"name": "Ann Secretive"}'], ROW('Ann Secretive'::text, 1970)::till.person, j, ARRAY['ann@secretive.example', NULL], ARRAY['a', 'b'] FROM (SELECT $1::jsonb AS j) AS it`, [JSON.stringify(PEOPLE)]);
  const insertScalars = () => both.context.storage.query(
    `INSERT INTO till.card (told, name) VALUES ('null', 'null'), ('"words"', '"Ann Secretive"'), ('[]', '[]'), ('{}', '{}'), ('12345678901234567890.10', '1.50'), ('[["Secret", {"name": "Secretive"}]]', '[["Secretive"]]'), (NULL, NULL)`);
  beforeAll(async () => {
    both = await shadowUnderTest(till(withCards), till(withCards), { neighbours, hangMs: 2_000, poolSize: 10 });
    await insert();
    await insertScalars();
    await both.context.storage.query(saga('before'));
    await both.begin();
    await insert();
    await insertScalars();
    await both.context.storage.query(saga('after'));
    await both.context.storage.query(`INSERT INTO till.bare VALUES ('{"name": ["Secretive"]}')`);
    const client = both.context.host.clientOf(tillContract);
    await client.join({ email: 'dan@secretive.example', name: 'Dan Secretive' }, key());
    await client.join({ email: 'eve@secretive.example', name: null }, key());
    await both.context.storage.query(`UPDATE till.card SET tags = '{c}' WHERE written IS NOT NULL`);
  });
  afterAll(() => both.close());

  it('are the same hashes from triggers, from the copy and from inputs, at any depth', async () => {
    const { findings, coverage } = await both.report();
    expect(findings).toEqual([]);
    expect(coverage).toMatchObject({ 'till.join done': [2, 2] });
    const { original, copy } = await bothSides(both);
    expect(copy).toEqual(original);
    expect(copy['card']).toHaveLength(2 * (1 + 7) + 2);
    expect(copy['card']?.join()).toContain(redaction.hashed('Nancy Secretive'));
    expect(copy['card']?.join()).toContain('"some name":"of a thing"');
  });

  it('are on neither the tape nor the copy', async () => {
    const taped = await both.context.storage.query<{ row: string }>('SELECT to_jsonb(it)::text AS row FROM till.tape it');
    expect(JSON.stringify(taped).toLowerCase()).not.toContain('secretive');
    expect((await copied(both, 'SELECT to_jsonb(it)::text AS row FROM till.card it')).join().toLowerCase()).not.toContain('secretive');
  });

  it('are hidden in the state of sagas, whose own names stay what they are', async () => {
    const sagas = await copied(both, `SELECT json_build_object('name', name, 'id', id, 'state', state, 'reason', reason, 'last_error', last_error)::text AS row FROM till.saga ORDER BY id`);
    const state = redaction.of({ name: 'Ann Secretive', of: [{ email: 'ann@secretive.example' }] });
    expect(sagas.map((it) => JSON.parse(it) as unknown)).toEqual([
      { name: 'greeting', id: 'after', state, reason: null, last_error: null },
      { name: 'greeting', id: 'before', state, reason: { details: redaction.of({ email: 'ann@secretive.example' }) }, last_error: null },
    ]);
  });

  it('keep nobody from writing what no text can hold, or what is too deep for the server to look into', async () => {
    await both.context.storage.query(`TRUNCATE till.card`);
    const tooDeep = `${'{"a":['.repeat(1_500)}{"name":"Secretive"}${']}'.repeat(1_500)}`;
    await both.context.storage.query(`INSERT INTO till.card (id, written) VALUES ($1, $2)`, ['00000000-0000-0000-0000-000000000001', String.raw`{"name": "Ann \u0000 Secretive", "of": "\ud800"}`]);
    await both.context.storage.query(`INSERT INTO till.card (id, written, e_mail) VALUES ($1, $2, ARRAY['secretive'])`, ['00000000-0000-0000-0000-000000000002', tooDeep]);
    expect((await both.report()).findings).toEqual([]);
    const kept = await copied(both, `SELECT to_jsonb(it)::text AS row FROM till.card it ORDER BY id`);
    expect(kept).toHaveLength(2);
    expect(kept.join().toLowerCase()).not.toContain('secretive');
  });
});

describe('tables with nobody in them', () => {
  it.each([
    { personal: 'nobody', told: [] },
    { personal: 'somebody', told: ['bare', 'card', 'customer'] },
  ])('are not looked into where the context has $personal in its data', async ({ personal, told }) => {
    const { personal: names, ...rest } = till(withCards);
    const both = await shadowUnderTest(...twice({ ...rest, personal: personal === 'nobody' ? [] : names ?? [] }), { neighbours });
    try {
      await both.begin();
      const looked = await both.context.storage.query<{ name: string }>(`SELECT tgrelid::regclass::text AS name FROM pg_trigger WHERE tgname = 'tape_inserted' AND tgnargs > 0 AND tgrelid <> 'till.saga'::regclass ORDER BY 1`);
      expect(looked.map((it) => it.name)).toEqual(told.map((it) => `till.${it}`));
    } finally {
      await both.close();
    }
  });
});

const twice = <T>(it: T): [T, T] => [it, it];

/** One that has ended, so that nobody takes it further. */
function saga(id: 'before' | 'after'): string {
  return `INSERT INTO till.saga (name, id, version, status, state, reason, last_error, correlation_id, traceparent, started_by, ended_at)
    VALUES ('greeting', '${id}', 1, 'done', '{"name": "Ann Secretive", "of": [{"email": "ann@secretive.example"}]}', '{"details": {"email": "ann@secretive.example"}}', 'Ann Secretive', '', '', '{}', now())`;
}
