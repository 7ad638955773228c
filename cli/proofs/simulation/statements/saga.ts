import type { Twin } from '../postgres/book.js';
import type { Held, Statement } from '../postgres/statement.js';
import type { Values } from '../postgres/table.js';
import { atOnce, jsonOf, list, number, text, timeOfText, timeText } from './values.js';

/** One checkpoint as `SagaTable.moveOn` sends it. */
export interface MoveRow {
  readonly name: string; readonly id: string; readonly epoch: string; readonly from_status: string; readonly from_step: string;
  readonly outcome: string; readonly attempts: number; readonly since: string;
  readonly status: string; readonly step: string | null; readonly timeout_ms: number | null; readonly state: unknown; readonly reason: unknown;
}

const isDue = (at: number) => (saga: Values): boolean => saga['ended_at'] === null && number(saga['due_at']) <= at;

function isKnown(names: unknown, versions: unknown): (saga: Values) => boolean {
  const known = new Set(list(names).map((name, at) => `${text(name)} ${text(list(versions)[at])}`));
  return (saga) => known.has(`${text(saga['name'])} ${text(saga['version'])}`);
}

/** Those of the sagas named by the columns whose epoch is still the claim's. */
function claimed(statement: Statement, [names, ids, epochs]: readonly unknown[]): { held: Held; fits: (saga: Values) => boolean }[] {
  return list(names).flatMap((name, at) => {
    const fits = (saga: Values): boolean => text(saga['epoch']) === text(list(epochs)[at]) && saga['ended_at'] === null;
    const held = statement.seeKey('saga', name, list(ids)[at]);
    return held && fits(held.values) ? [{ held, fits }] : [];
  });
}

const claim: Twin = atOnce('saga.claim', /^WITH due AS \( SELECT name, id FROM saga/, (statement, [names, versions, limit, instance, leaseMs]) => {
  const fits = (saga: Values): boolean => isDue(statement.now)(saga) && isKnown(names, versions)(saga);
  const due = statement.see('saga', fits).sort((a, b) => number(a.values['due_at']) - number(b.values['due_at']));
  const taken: Values[] = [];
  for (const one of due) {
    if (taken.length === limit) break;
    const held = statement.lockUnlessHeld(one, fits);
    if (held) taken.push(take(statement, held, instance, number(leaseMs)));
  }
  return taken.map((saga) => ({
    name: saga['name'], id: saga['id'], epoch: text(saga['epoch']), version: saga['version'], status: saga['status'], step: saga['step'],
    state: jsonOf(saga['state']), reason: jsonOf(saga['reason']), attempts: saga['attempts'], pauseMs: saga['pause_ms'], lastError: saga['last_error'],
    msLeft: saga['step_deadline'] === null ? null : number(saga['step_deadline']) - statement.clock, ageMs: statement.clock - number(saga['started_at']), since: timeText(number(saga['step_since'])),
    correlationId: saga['correlation_id'], traceparent: saga['traceparent'], startedBy: jsonOf(saga['started_by']),
  }));
});

function take(statement: Statement, held: Held, instance: unknown, leaseMs: number): Values {
  const { now } = statement;
  const { epoch, attempts, step_since: since, step_deadline: deadline } = held.values;
  const isFirst = attempts === 0;
  return statement.change(held, {
    epoch: number(epoch) + 1, attempts: number(attempts) + 1, claimed_by: instance, due_at: now + leaseMs,
    step_since: isFirst ? now : since,
    step_deadline: isFirst && deadline !== null ? now + (number(deadline) - number(since)) : deadline,
  });
}

const insert: Twin = {
  name: 'saga.insert', text: /^INSERT INTO saga \(/,
  *run(statement, [name, id, version, status, step, state, timeoutMs, correlationId, traceparent, startedBy]) {
    const { now, clock } = statement;
    const isNew = yield* statement.insertUnlessThere('saga', [name, id], {
      name, id, version, status, step, state, reason: null, epoch: 0, claimed_by: null, due_at: clock, step_since: now,
      step_deadline: timeoutMs === null ? null : now + number(timeoutMs), attempts: 0, pause_ms: 0, last_error: null, needs_operator: false,
      correlation_id: correlationId, traceparent, started_by: startedBy, started_at: clock, ended_at: null,
    });
    return isNew ? [{ '?column?': 1 }] : [];
  },
};

const moveOn: Twin = {
  name: 'saga.move-on', text: /^WITH move AS \( SELECT \* FROM jsonb_to_recordset/,
  *run(statement, [moves]) {
    const moved: { move: MoveRow; saga: Values }[] = [];
    for (const move of JSON.parse(text(moves)) as MoveRow[]) {
      const fits = (saga: Values): boolean => text(saga['epoch']) === move.epoch && saga['status'] === move.from_status && saga['step'] === move.from_step;
      const seen = statement.seeKey('saga', move.name, move.id);
      const held = seen && fits(seen.values) ? yield* statement.lock(seen, fits) : undefined;
      if (held) moved.push({ move, saga: statement.change(held, standingAt(move, held.values, statement.clock)) });
    }
    for (const { move, saga } of moved) yield* statement.insert('saga_step', [move.name, move.id, move.from_step, directionOf(move)], stepOf(move, saga));
    return moved.map(({ saga }) => ({ name: saga['name'], id: saga['id'], epoch: text(saga['epoch']), since: timeText(number(saga['step_since'])) }));
  },
};

/** The row after the checkpoint. */
export function standingAt(move: MoveRow, saga: Values, clock: number): Values {
  return {
    status: move.status, step: move.step, state: JSON.stringify(move.state), reason: move.reason === null ? null : JSON.stringify(move.reason),
    attempts: 1, pause_ms: 0, last_error: null, needs_operator: false,
    step_since: clock, step_deadline: move.timeout_ms === null ? null : clock + move.timeout_ms,
    claimed_by: move.step === null ? null : saga['claimed_by'], ended_at: move.step === null ? clock : null,
  };
}

const directionOf = (move: MoveRow): string => (move.from_status === 'running' ? 'do' : 'undo');

function stepOf(move: MoveRow, saga: Values): Values {
  return {
    name: move.name, id: move.id, step: move.from_step, direction: directionOf(move), outcome: move.outcome, attempts: move.attempts,
    started_at: timeOfText(move.since), ended_at: saga['step_since'],
  };
}

const tryLater: Twin = {
  name: 'saga.try-later', text: /^UPDATE saga SET epoch = epoch \+ 1, claimed_by = NULL, pause_ms = /,
  *run(statement, [name, id, epoch, status, step, pauseMs, lastError, needsOperator]) {
    const fits = (saga: Values): boolean => text(saga['epoch']) === epoch && saga['status'] === status && saga['step'] === step;
    const seen = statement.seeKey('saga', name, id);
    const held = seen && fits(seen.values) ? yield* statement.lock(seen, fits) : undefined;
    if (!held) return [];
    const { clock } = statement;
    const { step_deadline: deadline } = held.values;
    const pauseEnd = clock + number(pauseMs);
    const dueAt = deadline === null ? pauseEnd : Math.min(pauseEnd, number(deadline));
    statement.change(held, {
      epoch: number(epoch) + 1, claimed_by: null, pause_ms: pauseMs, last_error: lastError, needs_operator: needsOperator, due_at: dueAt,
    });
    return [{ pauseMs: Math.max(0, dueAt - clock) }];
  },
};

const release: Twin = {
  name: 'saga.release', text: /^UPDATE saga s SET epoch = s\.epoch \+ 1, claimed_by = NULL, attempts = s\.attempts - 1/,
  *run(statement, params) {
    for (const { held, fits } of claimed(statement, params)) {
      const saga = yield* statement.lock(held, fits);
      if (saga) statement.change(saga, { epoch: number(saga.values['epoch']) + 1, claimed_by: null, attempts: number(saga.values['attempts']) - 1, due_at: statement.clock });
    }
    return [];
  },
};

const renew: Twin = atOnce('saga.renew', /^WITH held AS \( SELECT s\.name, s\.id FROM saga s JOIN unnest/, (statement, [names, ids, epochs, leaseMs]) => {
  for (const { held, fits } of claimed(statement, [names, ids, epochs])) {
    const saga = statement.lockUnlessHeld(held, fits);
    if (saga) statement.change(saga, { due_at: statement.clock + number(leaseMs) });
  }
  return [];
});

const strangers: Twin = atOnce('saga.strangers', /^SELECT name, version, count\(\*\)::int AS count FROM saga/, (statement, [names, versions]) => {
  const known = isKnown(names, versions);
  const groups = Map.groupBy(statement.see('saga', (saga) => saga['ended_at'] === null && !known(saga)), ({ values }) => `${text(values['name'])} ${text(values['version'])}`);
  return [...groups.values()].map((group) => ({ name: group[0]?.values['name'], version: group[0]?.values['version'], count: group.length }));
});

const isAnyDue: Twin = atOnce('saga.is-any-due', /^SELECT 1 FROM saga WHERE ended_at IS NULL AND due_at <= clock_timestamp\(\)/, (statement, [names, versions]) => {
  const known = isKnown(names, versions);
  const due = isDue(statement.clock);
  return statement.see('saga', (saga) => due(saga) && known(saga)).slice(0, 1).map(() => ({ '?column?': 1 }));
});

const endPause: Twin = {
  name: 'saga.end-pause', text: /^UPDATE saga SET due_at = clock_timestamp\(\) WHERE name/,
  *run(statement, [name, id]) {
    const fits = (saga: Values): boolean => saga['claimed_by'] === null && saga['ended_at'] === null;
    const seen = statement.seeKey('saga', name, id);
    const held = seen && fits(seen.values) ? yield* statement.lock(seen, fits) : undefined;
    if (!held) return [];
    statement.change(held, { due_at: statement.clock });
    return [{ '?column?': 1 }];
  },
};

export const sagaStatements: readonly Twin[] = [claim, insert, moveOn, tryLater, release, renew, strangers, isAnyDue, endPause];
