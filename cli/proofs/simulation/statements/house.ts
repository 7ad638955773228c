import type { Twin } from '../postgres/book.js';
import type { Values } from '../postgres/table.js';
import { atOnce, number } from './values.js';

const note: Twin = {
  name: 'effect.note', text: /^INSERT INTO effect \(subject, what\)/,
  *run(statement, [subject, what]) {
    const position = statement.table('effect').nextIdentity();
    yield* statement.insert('effect', [position], { position, subject, what });
    return [];
  },
};

const effectsOn: Twin = atOnce('effect.on', /^SELECT what FROM effect WHERE subject/, (statement, [subject]) =>
  statement.see('effect', (it) => it['subject'] === subject)
    .sort((a, b) => number(a.values['position']) - number(b.values['position'])).map(({ values }) => ({ what: values['what'] })));

const untouched = (id: unknown): Values => ({ id, n: 0, is_closed: false });

const open: Twin = {
  name: 'matter.open', text: /^INSERT INTO matter \(id\) VALUES \(\$1\) ON CONFLICT DO NOTHING/,
  *run(statement, [id]) {
    yield* statement.insertUnlessThere('matter', [id], untouched(id));
    return [];
  },
};

const lock: Twin = {
  name: 'matter.lock', text: /^SELECT is_closed AS "isClosed" FROM matter WHERE id = \$1 FOR UPDATE/,
  *run(statement, [id]) {
    const seen = statement.seeKey('matter', id);
    const held = seen && (yield* statement.lock(seen));
    return held ? [{ isClosed: held.values['is_closed'] }] : [];
  },
};

const close: Twin = {
  name: 'matter.close', text: /^UPDATE matter SET is_closed = true/,
  *run(statement, [id]) {
    const seen = statement.seeKey('matter', id);
    const held = seen && (yield* statement.lock(seen));
    if (held) statement.change(held, { is_closed: true });
    return [];
  },
};

const countUp: Twin = {
  name: 'matter.count-up', text: /^INSERT INTO matter AS it \(id, n\)/,
  *run(statement, [id]) {
    if (yield* statement.insertUnlessThere('matter', [id], { ...untouched(id), n: 1 })) return [{ n: 1 }];
    const held = yield* statement.lockKey('matter', id);
    return held ? [{ n: statement.change(held, { n: number(held.values['n']) + 1 })['n'] }] : [];
  },
};

export const houseStatements: readonly Twin[] = [note, effectsOn, open, lock, close, countUp];
