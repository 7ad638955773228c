import type { Twin } from '../postgres/book.js';
import type { Held, Statement } from '../postgres/statement.js';
import type { Values } from '../postgres/table.js';
import { atOnce, jsonOf, list, number, text } from './values.js';

const lock: Twin = {
  name: 'parking.lock', text: /^SELECT pg_advisory_xact_lock\(hashtext\('banyan\.parking\.'/,
  *run(statement) {
    yield* statement.lockAdvisory(`parking ${statement.schema}`);
    return [{ pg_advisory_xact_lock: '' }];
  },
};

const known: Twin = atOnce('parking.known', /^SELECT request_hash AS hash, outcome FROM parking_change/, (statement, [principal, key]) =>
  statement.see('parking_change', (it) => it['principal_id'] === principal && it['idempotency_key'] === key).map(({ values }) => ({ hash: values['request_hash'], outcome: jsonOf(values['outcome']) })));

const unreadable: Twin = atOnce('parking.unreadable', /^SELECT event_id AS id, unreadable FROM inbox/, (statement, [, key]) =>
  statement.see('inbox', (it) => it['status'] === 'parked' && it['unreadable'] !== null && it['aggregate_id'] === key).map(({ values }) => ({ id: values['event_id'], unreadable: values['unreadable'] })));

/** One key of a redrive, and when it may begin, in seconds. */
interface Paced {
  readonly key: string;
  readonly events: number;
  readonly behind: number;
  readonly starts: number;
}

/** Only filters by key are known here. */
function paced(statement: Statement, wanted: readonly unknown[], perSecond: number): Paced[] {
  const parked = Map.groupBy(statement.see('inbox', (it) => it['status'] === 'parked' && wanted.includes(it['aggregate_id'])), ({ values }) => text(values['aggregate_id']));
  const first = (events: readonly Held[]): number => Math.min(...events.map(({ values }) => number(values['position'])));
  const line = [...parked].sort(([, a], [, b]) => first(a) - first(b));
  let before = 0;
  return line.map(([key, events]) => {
    const behind = statement.see('inbox', (it) => (it['status'] === 'pending' || it['status'] === 'waiting') && it['aggregate_id'] === key).length;
    const one = { key, events: events.length, behind, starts: before / perSecond };
    before += events.length + behind;
    return one;
  });
}

const redrive: Twin = {
  name: 'parking.redrive', text: /^WITH chosen AS \( .* touched AS \( UPDATE inbox SET status = CASE WHEN starts = 0/,
  *run(statement, [, key, , , , keys, perSecond, principal, idempotencyKey, what, reason, hash]) {
    const line = paced(statement, [key, ...list(keys)], number(perSecond));
    const touched: { values: Values; attempts: unknown }[] = [];
    for (const { key: wanted, starts } of line) {
      for (const seen of statement.see('inbox', (it) => it['status'] === 'parked' && it['aggregate_id'] === wanted)) {
        const held = yield* statement.lock(seen, (it) => it['status'] === 'parked');
        if (held) touched.push({ attempts: held.values['attempts'], values: statement.change(held, freed(starts, statement.clock)) });
      }
    }
    const sum = (of: (it: Paced) => number): number => line.reduce((total, it) => total + of(it), 0);
    const outcome = { keys: line.length, events: sum((it) => it.events), behind: sum((it) => it.behind), unreadable: 0, seconds: Math.max(0, ...line.map((it) => it.starts)) };
    const change = statement.table('parking_change').nextIdentity();
    yield* statement.insert('parking_change', [change], {
      change, principal_id: principal, idempotency_key: idempotencyKey, what, reason, request_hash: hash, outcome: JSON.stringify(outcome), changed_at: statement.clock,
    });
    for (const { values, attempts } of touched) {
      const { event_id: eventId, event_type: eventType, aggregate_id: aggregateId, last_error: lastError } = values;
      yield* statement.insert('parking_change_event', [eventId, change], { event_id: eventId, change, event_type: eventType, key: aggregateId, attempts, last_error: lastError });
    }
    return [{ outcome, lanes: [...new Set(touched.map(({ values }) => values['lane']))] }];
  },
};

function freed(starts: number, clock: number): Values {
  return { status: starts === 0 ? 'pending' : 'waiting', attempts: 0, delay_ms: 0, next_attempt_at: starts === 0 ? -Infinity : clock + starts * 1_000 };
}

export const parkingStatements: readonly Twin[] = [lock, known, unreadable, redrive];
