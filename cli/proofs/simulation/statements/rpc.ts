import type { Twin } from '../postgres/book.js';
import { atOnce, jsonOf, text } from './values.js';

const lock: Twin = {
  name: 'command.lock', text: /^SELECT pg_advisory_xact_lock\(hashtextextended\(\$1, 0\)\)$/,
  *run(statement, [key]) {
    yield* statement.lockAdvisory(text(key));
    return [{ pg_advisory_xact_lock: '' }];
  },
};

const lookUp: Twin = atOnce('command.look-up', /^SELECT input_hash, reply, reply IS NULL AS is_empty FROM command_log/, (statement, [command, key]) => {
  const known = statement.seeKey('command_log', command, key)?.values;
  return known ? [{ input_hash: known['input_hash'], reply: jsonOf(known['reply']), is_empty: known['reply'] === null }] : [];
});

const store: Twin = {
  name: 'command.store', text: /^INSERT INTO command_log \(/,
  *run(statement, [command, key, inputHash, reply]) {
    yield* statement.insert('command_log', [command, key], { command, idempotency_key: key, input_hash: inputHash, reply, handled_at: statement.now });
    return [];
  },
};

export const rpcStatements: readonly Twin[] = [lock, lookUp, store];
