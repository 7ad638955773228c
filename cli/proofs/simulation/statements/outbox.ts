import type { Twin } from '../postgres/book.js';
import type { SimulatedServer } from '../postgres/server.js';
import type { Held, Statement, Waits } from '../postgres/statement.js';
import type { Values } from '../postgres/table.js';
import { readSnapshot } from '../postgres/transaction-ids.js';
import { atOnce, dateOf, jsonOf, list, number, text, timeOfText } from './values.js';

/** The columns of an envelope, in the order of the statements' parameters. */
const COLUMNS = [
  'event_id', 'event_type', 'event_version', 'occurred_at', 'aggregate_type', 'aggregate_id', 'correlation_id', 'causation_id', 'traceparent', 'payload',
];

/** An envelope's columns as the driver hands them out. */
export function envelopeOf(values: Values): Values {
  const columns = Object.fromEntries(COLUMNS.map((name) => [name, values[name]]));
  return { ...columns, occurred_at: dateOf(values['occurred_at']), payload: jsonOf(values['payload']) };
}

const SLOTS = 3;
const slotAt = (ms: number, periodMs: unknown): number => Math.floor(ms / number(periodMs)) % SLOTS;

const append: Twin = {
  name: 'outbox.append', text: /^WITH writer AS MATERIALIZED/,
  *run(statement, params) {
    const columns = params.slice(0, COLUMNS.length).map((it) => list(it));
    const written = { xid: String(statement.transactionId()), slot: slotAt(statement.clock, params[COLUMNS.length]) };
    for (let at = 0; at < (columns[0]?.length ?? 0); at += 1) {
      const position = statement.table('outbox').nextIdentity();
      const values = Object.fromEntries(COLUMNS.map((name, column) => [name, columns[column]?.[at]]));
      yield* statement.insert('outbox', [position], { ...values, ...written, position, occurred_at: timeOfText(text(values['occurred_at'])) });
    }
    return [];
  },
};

const isShown = (snapshot: string, id: number): boolean => {
  const { top, listed } = readSnapshot(snapshot);
  return id < top && !listed.includes(id);
};

/** What the round reads, with its three kinds of rows. */
function unread(statement: Statement, [seen, edge, upto, , floor, after, limit]: readonly unknown[]): Held[] {
  const { top, listed } = readSnapshot(text(seen));
  const isNew = ({ xid, position }: Values): boolean => (number(xid) >= number(edge)
    ? number(position) > Math.max(number(floor), number(after))
    : (listed.includes(number(xid)) || number(xid) >= top) && number(position) > number(after));
  return statement.see('outbox', (row) => isNew(row) && (upto === null || isShown(text(upto), number(row['xid'])))).sort(byPosition).slice(0, number(limit));
}

const nothing = Object.fromEntries(['position', ...COLUMNS].map((name) => [name, null]));

const round: Twin = {
  name: 'log.round', text: /^WITH read AS MATERIALIZED/,
  *run(statement, params) {
    const [seen, edge, upto, uptoEdge, floor, after, , epoch, isToNote, slotMs] = params;
    const read = unread(statement, params);
    const lease = isToNote === true || read.length > 0 ? yield* lockedLease(statement, ofEpoch(epoch)) : undefined;
    if (lease) {
      const id = statement.table('relay_progress').nextIdentity();
      yield* statement.insert('relay_progress', [id], {
        slot: slotAt(statement.clock, slotMs), id, cluster: CLUSTER, seen, edge, floor: number(floor), upto, upto_edge: uptoEdge, after: number(after),
        begun: number(read.at(-1)?.values['position'] ?? 0),
      });
    }
    const moment = { now: statement.running, edge: lease ? String(statement.transactionId()) : null };
    return read.length === 0 ? [{ ...moment, ...nothing }] : read.map(({ values }) => ({ ...moment, position: values['position'], ...envelopeOf(values) }));
  },
};

const latest: Twin = atOnce('log.latest', /^SELECT seen::text, edge::text, floor/, (statement) =>
  statement.see('relay_progress').sort((a, b) => number(b.values['id']) - number(a.values['id'])).slice(0, 1).map(({ values }) => ({
    seen: values['seen'], edge: values['edge'], floor: values['floor'], upto: values['upto'], upto_edge: values['upto_edge'], after: values['after'],
    begun: values['begun'], moved: false,
  })));

const slots: Twin = atOnce('slots.now', /^SELECT \(floor\(extract\(epoch/, (statement, [outboxMs, handledMs]) =>
  [{ outbox: slotAt(statement.clock, outboxMs), handled: slotAt(statement.clock, handledMs) }]);

export const byPosition = (a: { readonly values: Values }, b: { readonly values: Values }): number => number(a.values['position']) - number(b.values['position']);

/** The lease's row, if it is (still) as it must be: locked, and with its newest values. */
function* lockedLease(statement: Statement, fits: (lease: Values) => boolean) {
  const seen = statement.seeKey('relay_lease', true);
  return seen && fits(seen.values) ? yield* statement.lock(seen, fits) : undefined;
}

const ofEpoch = (epoch: unknown) => (lease: Values): boolean => lease['epoch'] === number(epoch);

const claim: Twin = {
  name: 'lease.claim', text: /^WITH claimed AS \( UPDATE relay_lease/,
  *run(statement, [holder, leaseMs]) {
    const lease = yield* lockedLease(statement, (it) => number(it['expires_at']) < statement.clock);
    if (!lease) return [];
    const epoch = number(lease.values['epoch']) + 1;
    statement.change(lease, { epoch, holder, expires_at: statement.clock + number(leaseMs) });
    return [{ epoch }];
  },
};

const renew: Twin = {
  name: 'lease.renew', text: /^WITH renewed AS \( UPDATE relay_lease/,
  *run(statement, [epoch, leaseMs]) {
    const lease = yield* lockedLease(statement, ofEpoch(epoch));
    if (!lease) return [];
    statement.change(lease, { expires_at: statement.clock + number(leaseMs) });
    return [{ epoch: lease.values['epoch'] }];
  },
};

const release: Twin = {
  name: 'lease.release', text: /^UPDATE relay_lease SET expires_at = '-infinity'/,
  *run(statement, [epoch]) {
    const lease = yield* lockedLease(statement, ofEpoch(epoch));
    if (lease) statement.change(lease, { expires_at: -Infinity });
    return [];
  },
};

const carrier: Twin = atOnce('lease.carrier', /^SELECT carrier FROM relay_lease$/, (statement) => statement.see('relay_lease').map(({ values }) => ({ carrier: values['carrier'] })));

const name: Twin = {
  name: 'lease.name-carrier', text: /^WITH named AS \(UPDATE relay_lease/,
  *run(statement, [carrierName, epoch]): Waits<object[]> {
    const lease = yield* lockedLease(statement, ofEpoch(epoch));
    if (lease) statement.change(lease, { carrier: carrierName });
    return [{ named: lease !== undefined }];
  },
};

const CLUSTER = 7;

/** The one row that the migrations put into `relay_lease`. */
const firstLease: Values = { single: true, epoch: 0, holder: 'nobody', expires_at: -Infinity, carrier: '' };
/** The one row that they put into `relay_progress`. */
const firstProgress: Values = { slot: 0, id: 1, cluster: CLUSTER, seen: '3:3:', edge: '3', floor: 0, upto: null, upto_edge: null, after: 0, begun: 0 };

/** Makes the rows that a context's migrations make. */
export function seedLog(server: SimulatedServer, schema: string): void {
  server.seed(schema, 'relay_lease', true, firstLease);
  server.seed(schema, 'relay_progress', server.table(schema, 'relay_progress').nextIdentity(), firstProgress);
}

export const outboxStatements: readonly Twin[] = [append, round, latest, slots, claim, renew, release, carrier, name];
