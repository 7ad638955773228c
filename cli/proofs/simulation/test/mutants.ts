import { Database } from '@banyan/kernel/persistence';
import type { DataSource } from 'typeorm';
import type { Twin } from '../postgres/book.js';
import { type Parts, type Scenario, soundParts } from '../runs/run.js';
import { busScenario } from '../runs/bus.js';
import { sagaScenario } from '../runs/sagas.js';
import { type MoveRow, standingAt } from '../statements/saga.js';
import { atOnce, list, text, timeText } from '../statements/values.js';

/** The product with one bug planted: the simulation must see it. */
export interface Mutant {
  readonly name: string;
  readonly scenario: Scenario;
}

const withTwins = (...changed: readonly Twin[]): Parts => ({
  ...soundParts, twins: [...soundParts.twins.filter((it) => !changed.some((other) => other.name === it.name)), ...changed],
});

const twinOf = (name: string): Twin => {
  const twin = soundParts.twins.find((it) => it.name === name);
  if (!twin) throw new Error(`There is no statement "${name}".`);
  return twin;
};

/** Checkpoints count whoever writes them: no epoch, no look at where the saga stands. */
const unfencedCheckpoints = withTwins({
  ...twinOf('saga.move-on'),
  *run(statement, [moves]) {
    const moved: object[] = [];
    for (const move of JSON.parse(text(moves)) as MoveRow[]) {
      const held = yield* statement.lockKey('saga', move.name, move.id);
      if (held) statement.change(held, standingAt(move, held.values, statement.clock));
      moved.push({ name: move.name, id: move.id, epoch: move.epoch, since: timeText(statement.clock) });
    }
    return moved;
  },
});

/** A command's second delivery runs again. */
const forgetfulCommands = withTwins(
  atOnce('command.look-up', twinOf('command.look-up').text, () => []),
  {
    ...twinOf('command.store'),
    *run(statement, params) {
      yield* statement.insertUnlessThere('command_log', params.slice(0, 2), {});
      return [];
    },
  },
);

/** Runs what it is told to by itself, although a transaction is open. */
class Impatient extends Database {
  private readonly aside: Database;

  constructor(context: string, source: DataSource, private readonly byItself: RegExp) {
    super(context, source);
    this.aside = new Database(context, source);
  }

  override query<Row>(sql: string, params: readonly unknown[] = []): Promise<Row[]> {
    return this.byItself.test(sql) ? this.aside.query<Row>(sql, params) : super.query<Row>(sql, params);
  }
}

const impatient = (of: string, byItself: RegExp): Parts => ({
  ...soundParts, openDatabase: (context, source) => (context === of ? new Impatient(context, source, byItself) : soundParts.openDatabase(context, source)),
});

const round = twinOf('log.round');
const [FLOOR, AFTER] = [4, 5];
/** The relay remembers how far it came, and reads on from there: whatever is committed late with a lower position is passed over. */
const cursorByPosition = withTwins({
  ...round,
  *run(statement, params) {
    const rows = yield* round.run(statement, params);
    const read = rows.filter((row) => positionOf(row) > Math.max(Number(params[FLOOR]), Number(params[AFTER])));
    return read.length > 0 ? read : rows.slice(0, 1).map((row) => ({ ...row, position: null }));
  },
});

/** The relay notes events as delivered when it reads them, not when they have arrived. */
const notedBeforeDelivery = withTwins({
  ...round,
  *run(statement, params) {
    const rows = yield* round.run(statement, params);
    const noted = statement.see('relay_progress').sort((a, b) => Number(b.values['id']) - Number(a.values['id']))[0];
    const [first] = rows as { readonly now: string; readonly edge: string | null }[];
    const last = positionOf(rows.at(-1) ?? {});
    if (noted && first?.edge && last > 0) statement.change(noted, { seen: first.now, edge: first.edge, floor: last, upto: null, upto_edge: null, after: 0 });
    return rows;
  },
});

/** Nothing keeps two processes from working on the same lane, and nobody looks whether an event was handled meanwhile. */
const unfencedLanes = withTwins(
  atOnce('lane.lock', twinOf('lane.lock').text, () => [{ locked: true }]),
  {
    ...twinOf('lane.finish'),
    *run(statement, params) {
      yield* twinOf('lane.finish').run(statement, params);
      return [{ finished: list(params[0]).length }];
    },
  },
);

function positionOf(row: object): number {
  return 'position' in row ? Number(row.position) : NaN;
}

export const mutants: readonly Mutant[] = [
  { name: 'bus: the relay reads by a cursor', scenario: busScenario(cursorByPosition) },
  { name: 'bus: events are noted as delivered before they are', scenario: busScenario(notedBeforeDelivery) },
  { name: 'bus: an event is marked in another transaction than its effect', scenario: busScenario(impatient('books', /UPDATE inbox SET status = 'done'/)) },
  { name: 'bus: lanes are not fenced', scenario: busScenario(unfencedLanes) },
  { name: 'sagas: checkpoints are not fenced', scenario: sagaScenario(unfencedCheckpoints) },
  { name: 'sagas: a local effect is committed before its checkpoint', scenario: sagaScenario(impatient('shop', /^INSERT INTO effect/)) },
  { name: 'calls: repeated commands run again', scenario: sagaScenario(forgetfulCommands) },
];
