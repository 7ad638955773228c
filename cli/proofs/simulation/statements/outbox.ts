import type { Twin } from '../postgres/book.js';
import type { Statement, Waits } from '../postgres/statement.js';
import type { Values } from '../postgres/table.js';
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

const append: Twin = {
  name: 'outbox.append', text: /^INSERT INTO outbox \(/,
  *run(statement, params) {
    const columns = params.map((it) => list(it));
    for (let at = 0; at < (columns[0]?.length ?? 0); at += 1) {
      const position = statement.table('outbox').nextIdentity();
      const values = Object.fromEntries(COLUMNS.map((name, column) => [name, columns[column]?.[at]]));
      yield* statement.insert('outbox', [position], { ...values, position, occurred_at: timeOfText(text(values['occurred_at'])) });
    }
    return [];
  },
};

const lowest: Twin = atOnce('outbox.lowest', /^SELECT position, event_id, .* FROM outbox ORDER BY position LIMIT/, (statement, [limit]) =>
  statement.see('outbox').sort(byPosition).slice(0, number(limit)).map(({ values }) => ({ position: values['position'], ...envelopeOf(values) })));

export const byPosition = (a: { readonly values: Values }, b: { readonly values: Values }): number => number(a.values['position']) - number(b.values['position']);

/** The lease's row, if it is (still) as it must be: locked, and with its newest values. */
function* lockedLease(statement: Statement, fits: (lease: Values) => boolean) {
  const seen = statement.seeKey('relay_lease', true);
  return seen && fits(seen.values) ? yield* statement.lock(seen, fits) : undefined;
}

const ofEpoch = (epoch: unknown) => (lease: Values): boolean => lease['epoch'] === number(epoch);

const remove: Twin = {
  name: 'outbox.remove', text: /^WITH lease AS \( UPDATE relay_lease/,
  *run(statement, [positions, epoch, leaseMs]) {
    const lease = yield* lockedLease(statement, ofEpoch(epoch));
    if (!lease) return [{ fenced: true }];
    statement.change(lease, { expires_at: statement.clock + number(leaseMs) });
    for (const position of list(positions)) {
      const seen = statement.seeKey('outbox', position);
      const held = seen && (yield* statement.lock(seen));
      if (held) statement.remove(held);
    }
    return [{ fenced: false }];
  },
};

const claim: Twin = {
  name: 'lease.claim', text: /^WITH claimed AS \( UPDATE relay_lease/,
  *run(statement, [holder, leaseMs]) {
    const lease = yield* lockedLease(statement, (it) => number(it['expires_at']) < statement.clock);
    if (!lease) return [];
    const epoch = number(lease.values['epoch']) + 1;
    statement.change(lease, { epoch, holder, expires_at: statement.clock + number(leaseMs) });
    return [{ epoch, begun: lease.values['begun'] }];
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
    if (lease) statement.change(lease, { expires_at: -Infinity, begun: 0 });
    return [];
  },
};

const noteBegun: Twin = {
  name: 'lease.note-begun', text: /^UPDATE relay_lease SET begun = \$1/,
  *run(statement, [begun, epoch]) {
    const lease = yield* lockedLease(statement, ofEpoch(epoch));
    if (lease) statement.change(lease, { begun });
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

/** The one row that the migrations put into `relay_lease`. */
export const firstLease: Values = { single: true, epoch: 0, holder: 'nobody', expires_at: -Infinity, begun: 0, carrier: '' };

export const outboxStatements: readonly Twin[] = [append, lowest, remove, claim, renew, release, noteBegun, carrier, name];
