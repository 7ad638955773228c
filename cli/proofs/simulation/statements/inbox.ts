import type { Twin } from '../postgres/book.js';
import type { Held, Statement, Waits } from '../postgres/statement.js';
import type { Values } from '../postgres/table.js';
import { byPosition, envelopeOf } from './outbox.js';
import { atOnce, dateOf, list, number, text, timeOfText } from './values.js';

/** The columns in the order of the statement's parameters. */
const COLUMNS = [
  'event_id', 'lane', 'aggregate_id', 'last_error', 'unreadable', 'event_type', 'event_version', 'occurred_at', 'aggregate_type', 'correlation_id', 'causation_id', 'traceparent', 'payload', 'attempts',
];

const SLOTS = [0, 1, 2];
const slotTable = (slot: number): string => `inbox_handled_${slot}`;

/** Does the statement see the event in one of the slots? */
function isHandled(statement: Statement, id: unknown): boolean {
  return SLOTS.some((slot) => statement.seeKey(slotTable(slot), id));
}

const receive: Twin = {
  name: 'inbox.receive', text: /^INSERT INTO inbox \(/,
  *run(statement, params) {
    const stored: object[] = [];
    for (let at = 0; at < list(params[0]).length; at += 1) {
      const values = Object.fromEntries(COLUMNS.map((name, column) => [name, list(params[column])[at]]));
      const occurredAt = values['occurred_at'];
      if (isHandled(statement, values['event_id'])) continue;
      const isNew = yield* statement.insertUnlessThere('inbox', [values['event_id']], {
        ...values, position: statement.table('inbox').nextIdentity(), status: values['unreadable'] === null ? 'pending' : 'parked', next_attempt_at: -Infinity, delay_ms: 0,
        received_at: statement.startedAt, handled_at: null, occurred_at: occurredAt === null ? null : timeOfText(text(occurredAt)),
      });
      if (isNew) stored.push({ event_id: values['event_id'], last_error: values['last_error'] });
    }
    return stored;
  },
};

const isOpen = ({ status }: Values): boolean => status === 'pending' || status === 'waiting';

const lockLane: Twin = atOnce('lane.lock', /^SELECT pg_try_advisory_xact_lock\(hashtext\('banyan\.inbox\.'/, (statement, [lane]) =>
  [{ locked: statement.tryAdvisory(`inbox ${statement.schema} ${text(lane)}`) }]);

const lockLanes: Twin = atOnce('handled.lock', /^SELECT bool_and\(pg_try_advisory_xact_lock\(hashtext\('banyan\.inbox\.'/, (statement, [lanes]) =>
  [{ locked: list(lanes).map((lane) => statement.tryAdvisory(`inbox ${statement.schema} ${text(lane)}`)).every((it) => it) }]);

const admit = (slot: number): Twin => ({
  name: `handled.admit-${slot}`, text: new RegExp(`^WITH fresh AS \\( INSERT INTO inbox_handled_${slot} `),
  *run(statement, [literal]) {
    const ids = text(literal).slice(1, -1).split(',');
    const unknown = ids.filter((id) => !statement.seeKey('inbox', id) && !SLOTS.some((other) => other !== slot && statement.seeKey(slotTable(other), id)));
    const isBusy = statement.see('inbox', (event) => isOpen(event) || event['status'] === 'parked').length > 0;
    const fresh: string[] = [];
    for (const id of unknown) if (yield* statement.insertUnlessThere(slotTable(slot), [id], { slot, event_id: id })) fresh.push(id);
    return [{ count: fresh.length, fresh: fresh.length < ids.length && fresh.length > 0 ? fresh : null, isBusy, now: dateOf(statement.clock) }];
  },
});

const takeBack: Twin = {
  name: 'handled.take-back', text: /^DELETE FROM inbox_handled WHERE event_id = ANY/,
  *run(statement, [ids]) {
    for (const seen of list(ids).flatMap((id) => SLOTS.flatMap((slot) => statement.seeKey(slotTable(slot), id) ?? []))) {
      const held = yield* statement.lock(seen);
      if (held) statement.remove(held);
    }
    return [];
  },
};

const heldKeys: Twin = atOnce('handled.held', /^SELECT aggregate_id AS key FROM inbox WHERE lane = ANY/, (statement, [keys, lanes]) => {
  const held = statement.see('inbox', (event) => list(keys).includes(event['aggregate_id'])
    && ((isOpen(event) && list(lanes).includes(event['lane'])) || event['status'] === 'waiting' || event['status'] === 'parked'));
  return [...new Set(held.map(({ values }) => values['aggregate_id']))].map((key) => ({ key }));
});

const isDueAt = (at: number) => (event: Values): boolean => isOpen(event) && number(event['next_attempt_at']) <= at;

const lanesWithWork: Twin = atOnce('lane.with-work', /^SELECT lane FROM generate_series/, (statement, [lanes]) => {
  const busy = new Set(statement.see('inbox', isDueAt(statement.startedAt)).map(({ values }) => values['lane']));
  return Array.from({ length: number(lanes) }, (_, lane) => lane).filter((lane) => busy.has(lane)).map((lane) => ({ lane }));
});

/** Does this one hold up the later ones of its key? */
const holdsUpAt = (at: number) => ({ status, next_attempt_at: next }: Values): boolean => status === 'parked' || (status === 'waiting' && number(next) > at);

const runnable: Twin = atOnce('lane.runnable', /^SELECT event_id, .* FROM inbox AS event WHERE lane = \$1/, (statement, [lane, limit]) => {
  const isDue = isDueAt(statement.startedAt);
  const earlier = statement.see('inbox', holdsUpAt(statement.startedAt));
  const isFree = (event: Values): boolean => !earlier.some(({ values }) => values['aggregate_id'] === event['aggregate_id'] && number(values['position']) < number(event['position']));
  return statement.see('inbox', (event) => event['lane'] === lane && isDue(event) && isFree(event)).sort(byPosition).slice(0, number(limit)).map(({ values }) => ({
    ...envelopeOf(values), attempts: values['attempts'], delay_ms: values['delay_ms'], last_error: values['last_error'], received_at: dateOf(values['received_at']),
    is_handled: isHandled(statement, values['event_id']),
  }));
});

/** Updates the events with these ids, one after the other, each when it fits after the wait for its lock. */
function* updateEach(statement: Statement, ids: unknown, fits: (event: Values, at: number) => boolean, change: (event: Values, at: number) => Values): Waits<Values[]> {
  const changed: Values[] = [];
  for (const [at, id] of list(ids).entries()) {
    const fitsHere = (event: Values): boolean => fits(event, at);
    const seen = statement.seeKey('inbox', id);
    const held: Held | undefined = seen && fitsHere(seen.values) ? yield* statement.lock(seen, fitsHere) : undefined;
    if (held) changed.push(statement.change(held, change(held.values, at)));
  }
  return changed;
}

const count: Twin = {
  name: 'lane.count', text: /^UPDATE inbox SET attempts = attempts \+ 1 WHERE event_id = ANY/,
  *run(statement, [ids]) {
    yield* updateEach(statement, ids, () => true, (event) => ({ attempts: number(event['attempts']) + 1 }));
    return [];
  },
};

const forgive: Twin = {
  name: 'lane.forgive', text: /^UPDATE inbox SET attempts = forgiven\.attempts/,
  *run(statement, [ids, counts]) {
    const before = (at: number): number => number(list(counts)[at]);
    yield* updateEach(statement, ids, (event, at) => isOpen(event) && event['attempts'] === before(at) + 1, (_event, at) => ({ attempts: before(at) }));
    return [];
  },
};

const finish: Twin = {
  name: 'lane.finish', text: /^WITH finished AS \( UPDATE inbox/,
  *run(statement, [ids]) {
    const finished = yield* updateEach(statement, ids, isOpen, () => ({ status: 'done', handled_at: statement.clock }));
    return [{ finished: finished.length }];
  },
};

/** @param change what becomes of an event that failed, when nobody else has tried it since */
function settling(name: string, textOfIt: RegExp, change: (statement: Statement, params: readonly unknown[]) => Values): Twin {
  return {
    name, text: textOfIt,
    *run(statement, params) {
      const [id, attempts, error] = params;
      const changed = yield* updateEach(statement, [id], (event) => isOpen(event) && event['attempts'] === attempts, () => ({ ...change(statement, params), last_error: error }));
      return [{ changed: changed.length > 0 }];
    },
  };
}

const wait = settling('lane.wait', /^WITH changed AS \( UPDATE inbox SET status = 'waiting'/, (statement, [, , , delayMs]) =>
  ({ status: 'waiting', next_attempt_at: statement.clock + number(delayMs), delay_ms: delayMs }));
const park = settling('lane.park', /^WITH changed AS \( UPDATE inbox SET status = 'parked'/, () => ({ status: 'parked' }));

const PURGE_BATCH = 5_000;
const purge: Twin = atOnce('inbox.purge', /^WITH purged AS \( DELETE FROM inbox/, (statement, [retentionMs]) => {
  const before = statement.clock - number(retentionMs);
  const old = statement.see('inbox', ({ status, received_at: received, handled_at: handled }) =>
    (status === 'done' || status === 'discarded') && number(received) < before && handled !== null && number(handled) < before);
  const held = old.flatMap((it) => statement.lockUnlessHeld(it) ?? []).slice(0, PURGE_BATCH);
  for (const one of held) statement.remove(one);
  return [{ purged: held.length }];
});

export const inboxStatements: readonly Twin[] = [receive, lockLanes, ...SLOTS.map(admit), takeBack, heldKeys, lockLane, lanesWithWork, runnable, count, forgive, finish, wait, park, purge];
