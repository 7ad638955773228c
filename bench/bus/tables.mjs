/** What every contender writes: the producer's row and the handler's row. Ours has each in its own context's schema. */
export const businessTable = 'CREATE TABLE business (id bigint PRIMARY KEY, key text NOT NULL, amount bigint NOT NULL, note text NOT NULL)';
export const effectTable = 'CREATE TABLE effect (event_id bigint PRIMARY KEY, key text NOT NULL, amount bigint NOT NULL)';

const insertEffect = 'INSERT INTO effect (event_id, key, amount) VALUES ($1, $2, $3)';

/** @param {import('./event.mjs').eventOf extends (id: number) => infer E ? E : never} event */
export const businessRow = ({ id, key, amount, note }) => ({
  name: 'business', text: 'INSERT INTO business (id, key, amount, note) VALUES ($1, $2, $3, $4)', values: [id, key, amount, note],
});

/** For handlers whose transaction also settles the message: it happens once by itself. */
export const effectRow = ({ id, key, amount }) => ({ name: 'effect', text: insertEffect, values: [id, key, amount] });

/** For handlers that may run again after a crash: the second time changes nothing. */
export const effectRowOnce = ({ id, key, amount }) => ({
  name: 'effect-once', text: `${insertEffect} ON CONFLICT (event_id) DO NOTHING`, values: [id, key, amount],
});

/** Many effects by one statement. */
export const effectRows = (events, { once = false } = {}) => ({
  name: once ? 'effects-once' : 'effects',
  text: `INSERT INTO effect (event_id, key, amount) SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[])${once ? ' ON CONFLICT (event_id) DO NOTHING' : ''}`,
  values: [events.map((it) => it.id), events.map((it) => it.key), events.map((it) => it.amount)],
});
