import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { deadlineIn, runInput } from '../../runtime/index.js';
import { type CommandMeta, Dispatcher, Handles, clientThrough, purgeCommandLog } from '../index.js';
import { RoomTaken, type TwoContexts, hotels, twoContexts } from './two-contexts.js';

let world: TwoContexts;
beforeAll(async () => { world = await twoContexts(); });
afterAll(() => world.close());
beforeEach(async () => {
  await world.hotels.query('DELETE FROM booking');
  await world.hotels.query('DELETE FROM command_log');
});

/** A client of `hotels` whose handlers count their runs; `meanwhile` happens inside, after the effect. */
function countingClient(meanwhile: () => Promise<void> = async () => undefined) {
  const runs = { book: 0, abroad: 0, forget: 0 };
  const insert = (guest: string, key: string) => world.hotels.query('INSERT INTO booking (guest, key) VALUES ($1, $2)', [guest, key]);
  @Handles(hotels.commands.book)
  class Book {
    async run({ guest }: { guest: string }, { idempotencyKey }: CommandMeta): Promise<{ booking: string }> {
      runs.book += 1;
      await insert(guest, idempotencyKey);
      await meanwhile();
      return { booking: `run ${runs.book}` };
    }
  }
  @Handles(hotels.commands.bookAbroad, { transaction: 'own' })
  class BookAbroad {
    async run({ guest }: { guest: string }, { idempotencyKey }: CommandMeta): Promise<{ booking: string }> {
      runs.abroad += 1;
      return { booking: `${guest} ${idempotencyKey} ${world.hotels.inTransaction}` };
    }
  }
  @Handles(hotels.commands.forget)
  class Forget {
    async run(): Promise<void> {
      runs.forget += 1;
    }
  }
  const dispatcher = new Dispatcher();
  for (const handler of [new Book(), new BookAbroad(), new Forget()]) dispatcher.register(world.hotels, handler);
  return { client: clientThrough(hotels, dispatcher, world.trips), runs };
}

const bookings = async () => (await world.hotels.query<{ guest: string }>('SELECT guest FROM booking ORDER BY id')).map((it) => it.guest);

/** A door that stays shut until it is opened. */
function door() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => { open = resolve; });
  return { opened, open: () => open() };
}

describe('a command with a key', () => {
  it('runs once and gives the same answer ever after', async () => {
    const { client, runs } = countingClient();
    const replies = [];
    for (let i = 0; i < 3; i += 1) replies.push(await client.book({ guest: 'A' }, { idempotencyKey: 'k' }));
    expect(replies).toEqual(Array.from({ length: 3 }, () => ({ booking: 'run 1' })));
    expect(runs.book).toBe(1);
    expect(await bookings()).toEqual(['A']);
  });

  it('runs again for another key, and the same key is free for another command', async () => {
    const { client } = countingClient();
    await client.book({ guest: 'A' }, { idempotencyKey: 'k1' });
    await client.book({ guest: 'A' }, { idempotencyKey: 'k2' });
    await client.forget({ guest: 'A' }, { idempotencyKey: 'k1' });
    expect(await bookings()).toEqual(['A', 'A']);
  });

  it('remembers an answer that is nothing', async () => {
    const { client, runs } = countingClient();
    expect(await client.forget({ guest: 'A' }, { idempotencyKey: 'k' })).toBeUndefined();
    expect(await client.forget({ guest: 'A' }, { idempotencyKey: 'k' })).toBeUndefined();
    expect(runs.forget).toBe(1);
  });

  it('is refused when it comes with another input', async () => {
    const { client } = countingClient();
    await client.book({ guest: 'A' }, { idempotencyKey: 'k' });
    await expect(client.book({ guest: 'B' }, { idempotencyKey: 'k' })).rejects.toMatchObject({ code: 'command-key-reused' });
    expect(await bookings()).toEqual(['A']);
  });

  it('runs again after it has thrown, for errors are not remembered', async () => {
    let isFull = true;
    const { client } = countingClient(async () => {
      if (isFull) throw new RoomTaken('Full tonight.');
    });
    await expect(client.book({ guest: 'A' }, { idempotencyKey: 'k' })).rejects.toBeInstanceOf(RoomTaken);
    isFull = false;
    await client.book({ guest: 'A' }, { idempotencyKey: 'k' });
    expect(await bookings()).toEqual(['A']);
  });

  it('runs once when it is sent many times at once', async () => {
    const { client, runs } = countingClient();
    const replies = await Promise.all(Array.from({ length: 12 }, () => client.book({ guest: 'A' }, { idempotencyKey: 'k' })));
    expect(new Set(replies.map((it) => it.booking))).toEqual(new Set(['run 1']));
    expect(runs.book).toBe(1);
    expect(await bookings()).toEqual(['A']);
  });

  it('waits for the other run with its key, no longer than its deadline allows', async () => {
    const [inside, exit] = [door(), door()];
    const { client } = countingClient(async () => {
      inside.open();
      await exit.opened;
    });
    const first = client.book({ guest: 'A' }, { idempotencyKey: 'k' });
    await inside.opened;
    const second = runInput({ deadline: deadlineIn(150) }, () => client.book({ guest: 'A' }, { idempotencyKey: 'k' }));
    await expect(second).rejects.toMatchObject({ code: expect.stringMatching(/^(?:deadline-exceeded|maybe-executed)$/) });
    exit.open();
    await first;
    expect(await client.book({ guest: 'A' }, { idempotencyKey: 'k' })).toEqual(await first);
    expect(await bookings()).toEqual(['A']);
  });

  it('lets commands with other keys pass while it runs', async () => {
    const [inside, exit] = [door(), door()];
    let isFirst = true;
    const { client } = countingClient(async () => {
      if (!isFirst) return;
      isFirst = false;
      inside.open();
      await exit.opened;
    });
    const first = client.book({ guest: 'A' }, { idempotencyKey: 'k1' });
    await inside.opened;
    await client.book({ guest: 'B' }, { idempotencyKey: 'k2' });
    expect(await bookings()).toEqual(['B']);
    exit.open();
    await first;
  });

  it('is left to a handler with transactions of its own, which gets the key', async () => {
    const { client, runs } = countingClient();
    for (let i = 0; i < 2; i += 1) {
      expect(await client.bookAbroad({ guest: 'A' }, { idempotencyKey: 'k' })).toEqual({ booking: 'A k false' });
    }
    expect(runs.abroad).toBe(2);
    expect(await world.hotels.query('SELECT * FROM command_log')).toEqual([]);
  });
});

describe('the purge of the log', () => {
  it('forgets what is older than the retention, and nothing else', async () => {
    const { client } = countingClient();
    await client.book({ guest: 'A' }, { idempotencyKey: 'old' });
    await world.hotels.query('UPDATE command_log SET handled_at = now() - interval \'31 days\'');
    await client.book({ guest: 'A' }, { idempotencyKey: 'new' });
    expect(await purgeCommandLog(world.hotels)).toBe(1);
    expect(await world.hotels.query('SELECT idempotency_key AS key FROM command_log')).toEqual([{ key: 'new' }]);
  });
});
