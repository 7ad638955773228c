import { expect, it } from '@jest/globals';
import { statementSpan } from './statement-span.js';

it.each([
  ['SELECT id, at FROM orders WHERE id = $1', 'SELECT orders'],
  ['\n  -- served by the primary key\n  select 1', 'SELECT'],
  ['SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', 'SELECT'],
  ['INSERT INTO outbox (slot) SELECT slot FROM unnest($1::int[]) AS given', 'INSERT outbox'],
  ['INSERT INTO shelf (sku) VALUES ($1) ON CONFLICT (sku) DO UPDATE SET sku = excluded.sku', 'INSERT shelf'],
  ['UPDATE payments.payment SET status = $2 WHERE id = $1', 'UPDATE payments.payment'],
  ['WITH gone AS (DELETE FROM command_log WHERE handled_at < now() RETURNING 1) SELECT count(*) FROM gone', 'DELETE command_log'],
  ['SELECT n FROM unnest($1::text[]) AS given (n) JOIN "article" ON sku = n FOR UPDATE', 'SELECT article'],
  ['WITH next AS (SELECT slot FROM slots FOR NO KEY UPDATE) INSERT INTO outbox (slot) SELECT slot FROM next', 'INSERT outbox'],
  ['SELECT extract(epoch FROM expires_at) AS at FROM service_key', 'SELECT service_key'],
  ['COMMIT', 'COMMIT'],
])('%j is called %j', (sql, name) => {
  expect(statementSpan(sql).name).toBe(name);
});

it('tells of a statement what it does and where, and neither its text nor what is in it', () => {
  expect(statementSpan(`DELETE FROM person WHERE email = 'ada@shop.example'`)).toEqual({
    kind: 'client', name: 'DELETE person', attributes: { 'db.system.name': 'postgresql', 'db.operation.name': 'DELETE', 'db.collection.name': 'person' },
  });
});
