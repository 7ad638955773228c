import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Database, openDatabase, provisionContext } from '../../persistence/index.js';
import { Chance, type TestDatabase, eventually, newSeed, testDatabase } from '../../testing/plain.js';
import { EventStore, EventUnreadable, VersionConflict, eventStoreMigrations } from '../index.js';
import { at, cart, cartWithSnapshots, put, taken } from './cart.js';

let server: TestDatabase;
let database: Database;
let store: EventStore;
beforeAll(async () => {
  server = await testDatabase();
  const { url } = await provisionContext({ adminUrl: server.url, name: 'carts', migrations: eventStoreMigrations });
  database = await openDatabase({ context: 'carts', url, entities: [], poolSize: 4, applicationName: 'test carts' });
  store = new EventStore(database);
});
afterAll(async () => {
  await database.close();
  await server.drop();
});

const stateOf = async (id: string, reach = {}) => (await store.load(cart, id, reach)).state;

describe('a stream', () => {
  it('has what was appended, numbered from one, with its instants', async () => {
    const id = randomUUID();
    await store.append(cart, id, 0, [put('apple', 2, 1), put('pear', 1, 2)]);
    await store.append(cart, id, 2, [taken('apple', 1, 3)]);
    expect(await store.read(cart, id)).toEqual([{ ...put('apple', 2, 1), version: 1 }, { ...put('pear', 1, 2), version: 2 }, { ...taken('apple', 1, 3), version: 3 }]);
    expect(await store.load(cart, id)).toEqual({ state: { apple: 1, pear: 1 }, version: 3 });
    expect([await store.reaches(cart, id, 0), await store.reaches(cart, id, 3), await store.reaches(cart, id, 4)]).toEqual([true, true, false]);
  });

  it('is read in pages, and as it stood at a version or an instant', async () => {
    const id = randomUUID();
    await store.append(cart, id, 0, [1, 2, 3, 4, 5].map((n) => put('apple', n, n)));
    const versions = async (reading: object) => (await store.read(cart, id, reading)).map((it) => it.version);
    expect(await versions({ after: 1, limit: 2 })).toEqual([2, 3]);
    expect(await versions({ after: 1, upTo: 4 })).toEqual([2, 3, 4]);
    expect(await versions({ asOf: at(3) })).toEqual([1, 2, 3]);
    expect([await stateOf(id, { upTo: 2 }), await stateOf(id, { asOf: at(4) }), await stateOf(id, { asOf: at(0) })]).toEqual([{ apple: 3 }, { apple: 10 }, {}]);
  });

  it('as it stood at an instant is one of the states that it had, also where the instants of its events do not rise', async () => {
    for (const stream of [cart, cartWithSnapshots({ every: 1, version: 1 })]) {
      const id = randomUUID();
      for (const [version, minute] of [1, 5, 3, 6].entries()) await store.append(stream, id, version, [put('apple', 10 ** version, minute)]);
      expect((await store.read(stream, id, { asOf: at(4) })).map((it) => it.version)).toEqual([1]);
      expect(await store.load(stream, id, { asOf: at(4) })).toEqual({ state: { apple: 1 }, version: 1 });
      expect(await store.load(stream, id, { asOf: at(5) })).toEqual({ state: { apple: 111 }, version: 3 });
    }
  });

  it('is lifted where an older version of the code wrote it', async () => {
    const id = randomUUID();
    await database.query(
      `INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported)
       VALUES ('cart', $1, 1, 'put', 1, '{"article": "apple"}', $2, false), ('cart', $1, 2, 'put', 2, '{"article": "apple", "quantity": 4}', $2, false)`,
      [id, at(0)],
    );
    await store.append(cart, id, 2, [put('apple', 1)]);
    expect(await stateOf(id)).toEqual({ apple: 6 });
  });

  it('refuses data that does not fit its type', async () => {
    await expect(store.append(cart, randomUUID(), 0, [put('apple', 0.5)])).rejects.toThrow('expected int');
    const id = randomUUID();
    await database.query(`INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported) VALUES ('cart', $1, 1, 'lost', 1, '{}', $2, false)`, [id, at(0)]);
    await expect(store.read(cart, id)).rejects.toThrow(EventUnreadable);
  });

  it('is only ever added to', async () => {
    await store.append(cart, randomUUID(), 0, [put('apple', 1)]);
    for (const rewriting of [`UPDATE stream_event SET data = '{}'`, 'DELETE FROM stream_event']) {
      await expect(database.query(rewriting)).rejects.toThrow('only ever added to');
    }
    await expect(server.query('TRUNCATE carts.stream_event')).rejects.toThrow('only ever added to');
  });
});

describe('the expected version', () => {
  it.each([{ expected: 0 }, { expected: 1 }, { expected: 3 }])('of $expected is wrong for a stream of two, which stays as it is', async ({ expected }) => {
    const id = randomUUID();
    await store.append(cart, id, 0, [put('apple', 1), put('apple', 1)]);
    await database.transaction(async () => {
      await expect(store.append(cart, id, expected, [put('pear', 9), put('pear', 9)])).rejects.toThrow(VersionConflict);
      await store.append(cart, id, 2, [put('plum', 1)]); // the transaction is as good as before
    });
    expect(await stateOf(id)).toEqual({ apple: 2, plum: 1 });
  });

  it('lets one of two writers through who meet, and tells the other', async () => {
    const id = randomUUID();
    const [firstWrote, firstMayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = database.transaction(async () => {
      await store.append(cart, id, 0, [put('apple', 1)]);
      firstWrote.resolve();
      await firstMayCommit.promise;
    });
    await firstWrote.promise;
    const second = database.transaction(() => store.append(cart, id, 0, [put('pear', 1), put('pear', 1)])).then(() => 'written', (error: unknown) => error);
    await eventually(async () => {
      expect(await server.query(`SELECT FROM pg_stat_activity WHERE application_name = 'test carts' AND wait_event_type = 'Lock'`)).toHaveLength(1);
    });
    firstMayCommit.resolve();
    await first;
    expect(await second).toBeInstanceOf(VersionConflict);
    expect(await stateOf(id)).toEqual({ apple: 1 });
  });

  it('loses nothing and doubles nothing while eight writers try until they are through', async () => {
    const id = randomUUID();
    const addOne = async (sku: string): Promise<void> => {
      try {
        await database.transaction(async () => store.append(cart, id, (await store.load(cart, id)).version, [put(sku, 1)]));
      } catch (error) {
        if (!(error instanceof VersionConflict)) throw error;
        await addOne(sku);
      }
    };
    await Promise.all(Array.from({ length: 8 }, async (_, n) => { for (let i = 0; i < 5; i += 1) await addOne(`sku ${n}`); }));
    expect(await stateOf(id)).toEqual(Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`sku ${n}`, 5])));
    expect((await store.audit(cart, id)).broken).toEqual([]);
  });
});

describe('a snapshot', () => {
  const seed = newSeed();

  it(`changes no state, at no version and no instant (SEED=${seed})`, async () => {
    const chance = new Chance(seed);
    const kept = cartWithSnapshots({ every: 3, version: 1 });
    const id = randomUUID();
    for (let version = 0; version < 25;) {
      const events = Array.from({ length: 1 + chance.below(5) }, (_, i) => put(`sku ${chance.below(4)}`, chance.below(9), version + i));
      await store.append(kept, id, version, events);
      version += events.length;
    }
    expect((await database.query('SELECT FROM stream_snapshot WHERE id = $1', [id])).length).toBeGreaterThan(3);
    for (let n = 0; n <= 26; n += 1) {
      expect(await store.load(kept, id, { upTo: n })).toEqual(await store.load(cart, id, { upTo: n }));
      expect(await store.load(kept, id, { asOf: at(n) })).toEqual(await store.load(cart, id, { asOf: at(n) }));
    }
  });

  it('is used', async () => {
    const kept = cartWithSnapshots({ every: 2, version: 1 });
    const id = randomUUID();
    await store.append(kept, id, 0, [put('apple', 1), put('apple', 1)]);
    await database.query(`UPDATE stream_snapshot SET state = '{"apple": 40}' WHERE id = $1`, [id]);
    await store.append(kept, id, 2, [put('apple', 1)]);
    expect(await store.load(kept, id)).toEqual({ state: { apple: 41 }, version: 3 });
  });

  it.each([
    { what: 'of another version of the fold', change: 'schema_version = 2' },
    { what: 'that does not fit', change: `state = '{"apple": "many"}'` },
  ])('$what is passed over', async ({ change }) => {
    const kept = cartWithSnapshots({ every: 2, version: 1 });
    const id = randomUUID();
    await store.append(kept, id, 0, [put('apple', 1), put('apple', 1)]);
    await database.query(`UPDATE stream_snapshot SET ${change} WHERE id = $1`, [id]);
    expect(await store.load(kept, id)).toEqual({ state: { apple: 2 }, version: 2 });
  });
});

describe('the audit', () => {
  /** Changes what nobody may change, as somebody would who has the administrator's password. */
  const tamper = (sql: string, id: string) => server.query(
    `BEGIN; ALTER TABLE carts.stream_event DISABLE TRIGGER USER; ${sql.replaceAll('$1', `'${id}'`)}; ALTER TABLE carts.stream_event ENABLE TRIGGER USER; COMMIT`,
  );

  it('finds nothing in a stream that is as it was written, and nothing in an empty one', async () => {
    const id = randomUUID();
    await store.append(cart, id, 0, [put('apple', 1), put('pear', 2)]);
    await store.append(cart, id, 2, [taken('pear', 2)]);
    expect(await store.audit(cart, id)).toEqual({ events: 3, head: expect.stringMatching(/^[0-9a-f]{64}$/), broken: [] });
    expect(await store.audit(cart, randomUUID())).toEqual({ events: 0, head: undefined, broken: [] });
  });

  it.each([
    { what: 'other data', sql: `UPDATE carts.stream_event SET data = '{"sku": "apple", "quantity": 5}' WHERE id = $1 AND version = 2`, broken: [2] },
    { what: 'another instant', sql: `UPDATE carts.stream_event SET occurred_at = occurred_at + interval '1 microsecond' WHERE id = $1 AND version = 3`, broken: [3] },
    { what: 'one event less', sql: 'DELETE FROM carts.stream_event WHERE id = $1 AND version = 2', broken: [3, 4] },
    { what: 'two events in each other\'s place', sql: 'UPDATE carts.stream_event SET version = CASE version WHEN 2 THEN 103 ELSE 102 END WHERE id = $1 AND version IN (2, 3); UPDATE carts.stream_event SET version = version - 100 WHERE id = $1 AND version > 100', broken: [2, 3, 4] },
    { what: 'an event that was altered with its hash', sql: `UPDATE carts.stream_event SET data = '{}' WHERE id = $1 AND version = 2; UPDATE carts.stream_event e SET hash = carts.stream_event_hash(e) WHERE id = $1 AND version = 2`, broken: [3] },
  ])('finds $what', async ({ sql, broken }) => {
    const id = randomUUID();
    await store.append(cart, id, 0, [1, 2, 3, 4].map((n) => put('apple', n, n)));
    await tamper(sql, id);
    expect((await store.audit(cart, id)).broken).toEqual(broken);
  });

  it('knows by its head that the end was cut off', async () => {
    const id = randomUUID();
    await store.append(cart, id, 0, [put('apple', 1), put('pear', 2)]);
    const { head } = await store.audit(cart, id);
    await tamper('DELETE FROM carts.stream_event WHERE id = $1 AND version = 2', id);
    const after = await store.audit(cart, id);
    expect([after.broken, after.head === head]).toEqual([[], false]);
  });
});

describe('what is brought over from another table', () => {
  it('comes once, chained like everything else, also when two bring it at once', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    await server.query(`CREATE TABLE carts.old_cart (stream text, id uuid, version integer, type text, schema_version integer, data jsonb, occurred_at timestamptz); GRANT SELECT ON carts.old_cart TO banyan_carts`);
    await server.query(
      `INSERT INTO carts.old_cart SELECT 'cart', id, version, 'put', 1, '{"article": "apple"}', $3 FROM unnest($1::uuid[]) id, generate_series($2::integer, 1, -1) version`,
      [[one, other], 3, at(0)],
    );
    await store.append(cart, one, 0, [put('apple', 1)]);
    await Promise.all([store.importFrom('old_cart'), store.importFrom('old_cart', other), store.importFrom('old_cart')]);
    expect([await stateOf(one), await stateOf(other)]).toEqual([{ apple: 3 }, { apple: 3 }]);
    await store.append(cart, other, 3, [put('pear', 1)]);
    expect(await store.audit(cart, other)).toMatchObject({ events: 4, broken: [] });
  });

  it('is there as a whole when it was waited for, also where another who brings it was quicker by one row', async () => {
    await server.query(`CREATE TABLE carts.long_cart (stream text, id uuid, version integer, type text, schema_version integer, data jsonb, occurred_at timestamptz); GRANT SELECT ON carts.long_cart TO banyan_carts`);
    const id = randomUUID();
    await server.query(`INSERT INTO carts.long_cart SELECT 'cart', $1, version, 'put', 1, '{"article": "apple"}', $2 FROM generate_series(1, 5001) version`, [id, at(0)]);
    const [firstWrote, firstMayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const first = database.transaction(async () => {
      await store.append(cart, id, 0, [put('apple', 1)]);
      firstWrote.resolve();
      await firstMayCommit.promise;
    });
    await firstWrote.promise;
    const second = store.importFrom('long_cart', id);
    await eventually(async () => {
      expect(await server.query(`SELECT FROM pg_stat_activity WHERE application_name = 'test carts' AND wait_event_type = 'Lock'`)).toHaveLength(1);
    });
    firstMayCommit.resolve();
    await Promise.all([first, second]);
    expect(await store.reaches(cart, id, 5_001)).toBe(true);
  });

  it('is named by its relation', async () => {
    await expect(store.importFrom('old_cart; DROP TABLE stream_event')).rejects.toThrow('not the name');
  });
});
