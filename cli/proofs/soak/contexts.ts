import { defineContext } from '@banyan/kernel/context';
import { defineContract, event } from '@banyan/kernel/contract';
import { Events } from '@banyan/kernel/messaging';
import { Database } from '@banyan/kernel/persistence';
import { Handles } from '@banyan/kernel/rpc';
import { runInput } from '@banyan/kernel/runtime';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

/** A key's events carry n = 1, 2, 3 …; what listens accepts nothing but the next one. */
const sourceContract = defineContract({
  name: 'source', commands: {}, queries: {},
  events: {
    flowed: event('source.water-drawn', {
      version: 1, aggregateType: 'bucket', aggregateId: (it) => it.key, payload: z.strictObject({ key: z.string(), n: z.int(), filler: z.string() }),
    }),
  },
});
const sinkContract = defineContract({ name: 'sink', commands: {}, queries: {}, events: {} });

/** About the size of an event of the shop, ~200 bytes as JSON. */
const FILLER = 'x'.repeat(120);

@Injectable()
export class Producer {
  constructor(private readonly database: Database, private readonly events: Events) {}

  /** Announces the next event of each of the keys, in one transaction; no two calls at once may have a key in common. */
  async next(keys: readonly string[]): Promise<void> {
    await runInput({ context: 'source' }, () => this.database.transaction(async () => {
      const rows = await this.database.query<{ key: string; n: number }>(
        'INSERT INTO bucket AS it (key, n) SELECT key, 1 FROM unnest($1::text[]) AS key ON CONFLICT (key) DO UPDATE SET n = it.n + 1 RETURNING key, n', [keys],
      );
      for (const { key, n } of rows) this.events.announce(sourceContract.events.flowed({ key, n, filler: FILLER }));
    }));
  }
}

/** Counted here as well, so that the load knows at once how far the sink is. */
export const heard = { count: 0 };

@Handles(sourceContract.events.flowed)
class Accept {
  constructor(private readonly database: Database) {}

  async run({ key, n }: { key: string; n: number }): Promise<void> {
    const accepted = await this.database.query(
      'INSERT INTO bucket AS it (key, n) VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET n = $2 WHERE it.n = $2 - 1 RETURNING n', [key, n],
    );
    if (accepted.length !== 1) throw new Error(`${key} ${n} does not come after the one before it.`);
    this.database.afterCommit(() => { heard.count += 1; });
  }
}

const bucket = { name: 'soak-0001', sql: 'CREATE TABLE bucket (key text PRIMARY KEY, n integer NOT NULL) WITH (fillfactor = 50)' };
const bare = { owner: 'the proofs', calls: [], entities: [], migrations: [bucket], sagas: [], controllers: [] };

export const soakContexts = [
  defineContext({ ...bare, name: 'source', contract: sourceContract, listensTo: [], handlers: [], providers: [Producer] }),
  defineContext({ ...bare, name: 'sink', contract: sinkContract, listensTo: [sourceContract.events.flowed], handlers: [Accept], providers: [] }),
];
