import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Input, deadlineIn, requireInput, runInput } from '../../runtime/index.js';
import { type CommandMeta, Dispatcher, Handles, clientThrough } from '../index.js';
import { RoomTaken, type TwoContexts, hotels, twoContexts } from './two-contexts.js';

let world: TwoContexts;
beforeAll(async () => { world = await twoContexts(); });
afterAll(() => world.close());
beforeEach(async () => {
  await world.hotels.query('DELETE FROM booking');
  await world.hotels.query('DELETE FROM command_log');
  await world.trips.query('DELETE FROM booking');
});

type Book = (input: { guest: string; wishes?: unknown }, meta: CommandMeta) => Promise<{ booking: string; wishes?: unknown }>;

/** A client of `hotels` where booking means what the test says. */
function clientWhere(does: Book) {
  @Handles(hotels.commands.book)
  class BookRoom {
    run = does;
  }
  @Handles(hotels.queries.bookings)
  class Bookings {
    async run(): Promise<{ guests: string[] }> {
      const rows = await world.hotels.query<{ guest: string }>('SELECT guest FROM booking ORDER BY id');
      return { guests: rows.map((it) => `${it.guest}${world.hotels.inTransaction ? ' in a transaction' : ''}`) };
    }
  }
  const dispatcher = new Dispatcher();
  dispatcher.register(world.hotels, new BookRoom());
  dispatcher.register(world.hotels, new Bookings());
  return clientThrough(hotels, dispatcher, world.trips);
}

const insert: Book = async ({ guest }) => {
  await world.hotels.query('INSERT INTO booking (guest) VALUES ($1)', [guest]);
  return { booking: guest };
};

const code = (value: string) => expect.objectContaining({ code: value });

describe('a call to another context', () => {
  it('shares no object with it, in neither direction', async () => {
    const inside: unknown[] = [];
    const client = clientWhere(async ({ guest, wishes }) => {
      inside.push(wishes);
      return { booking: guest, wishes };
    });
    const wishes = { breakfast: { at: 7 } };
    const reply = await client.book({ guest: 'A', wishes }, { idempotencyKey: 'k' });
    expect(reply.wishes).toEqual(wishes);
    expect(inside[0]).not.toBe(wishes);
    expect(reply.wishes).not.toBe(inside[0]);
  });

  it('names every field of an input that does not fit, and runs nothing', async () => {
    const client = clientWhere(async () => { throw new Error('must not run'); });
    const wrong = { guest: 7, stars: 5 } as unknown as { guest: string };
    await expect(client.book(wrong, { idempotencyKey: 'k' })).rejects.toMatchObject({
      code: 'invalid-input', fields: [{ path: '/guest' }, { path: '/stars' }],
    });
    await expect(client.book({ guest: 'A' }, { idempotencyKey: '' })).rejects.toMatchObject({ code: 'invalid-input' });
  });

  it('lets a catalogued error through as itself', async () => {
    const client = clientWhere(async () => { throw new RoomTaken('Room 7 is taken.', { room: 7 }); });
    const call = client.book({ guest: 'A' }, { idempotencyKey: 'k' });
    await expect(call).rejects.toBeInstanceOf(RoomTaken);
    await expect(call).rejects.toMatchObject({ message: 'Room 7 is taken.', details: { room: 7 } });
  });

  it('lets nothing through of an error that is not catalogued', async () => {
    const client = clientWhere(async () => { throw new Error('secret'); });
    const error: unknown = await client.book({ guest: 'A' }, { idempotencyKey: 'k' }).catch((it: unknown) => it);
    expect(error).toEqual(code('internal'));
    expect(String(error)).not.toContain('secret');
  });

  it('takes an answer that does not fit the contract back', async () => {
    const client = clientWhere(async (input, meta) => {
      await insert(input, meta);
      return { booking: 7 } as unknown as { booking: string };
    });
    await expect(client.book({ guest: 'A' }, { idempotencyKey: 'k' })).rejects.toEqual(code('internal'));
    expect(await client.bookings({})).toEqual({ guests: [] });
  });

  it('is an input of its own over there, that inherits correlation, principal and deadline', async () => {
    const seen: Input[] = [];
    const client = clientWhere(async (input) => {
      seen.push(requireInput());
      return { booking: input.guest };
    });
    const deadline = deadlineIn(60_000);
    await runInput({ inputId: 'outer', correlationId: 'c', principal: { id: 'u', roles: [] }, deadline, context: 'trips' }, async () => {
      await client.book({ guest: 'A' }, { idempotencyKey: 'k1' });
      expect(requireInput().inputId).toBe('outer');
    });
    expect(seen[0]).toMatchObject({ correlationId: 'c', principal: { id: 'u' }, deadline, context: 'hotels', causationId: 'outer' });
  });

  it('has the same input id whenever the same command comes again, and another one for another key', async () => {
    const seen: string[] = [];
    const client = clientWhere(async () => {
      seen.push(requireInput().inputId);
      throw new RoomTaken('Never.');
    });
    for (const idempotencyKey of ['k1', 'k1', 'k2']) await client.book({ guest: 'A' }, { idempotencyKey }).catch(() => undefined);
    expect(seen[0]).toBe(seen[1]);
    expect(seen[2]).not.toBe(seen[0]);
  });

  it('is not made when no time is left', async () => {
    const client = clientWhere(insert);
    await expect(runInput({ deadline: deadlineIn(-1) }, () => client.book({ guest: 'A' }, { idempotencyKey: 'k' }))).rejects.toEqual(code('deadline-exceeded'));
    expect(await client.bookings({})).toEqual({ guests: [] });
  });

  it('says that nobody is there when the operation is not handled in this process', async () => {
    await expect(world.client.bookings({})).rejects.toEqual(code('unavailable'));
  });
});

describe('transactions of caller and callee', () => {
  it('refuses a command while the transaction of the caller is open, and says what to do instead', async () => {
    const client = clientWhere(insert);
    const call = world.trips.transaction(() => client.book({ guest: 'A' }, { idempotencyKey: 'k' }));
    await expect(call).rejects.toThrow('Send it as a step of a saga, or announce an event.');
    await expect(call).rejects.toEqual(code('command-in-transaction'));
    expect(await client.bookings({})).toEqual({ guests: [] });
  });

  it('lets a query run in there, outside of any transaction of the callee', async () => {
    const client = clientWhere(insert);
    await client.book({ guest: 'A' }, { idempotencyKey: 'k' });
    const guests = await world.trips.transaction(async () => (await client.bookings({})).guests);
    expect(guests).toEqual(['A']);
  });

  it('keeps what the callee did when the caller fails afterwards', async () => {
    const client = clientWhere(insert);
    await client.book({ guest: 'A' }, { idempotencyKey: 'k' });
    const fails = world.trips.transaction(async () => {
      await world.trips.query('INSERT INTO booking (guest) VALUES (\'own\')');
      await client.bookings({});
      throw new Error('after all');
    });
    await expect(fails).rejects.toThrow('after all');
    expect(await client.bookings({})).toEqual({ guests: ['A'] });
    expect(await world.trips.query('SELECT * FROM booking')).toEqual([]);
  });

  it('rolls the callee back when its handler throws', async () => {
    const client = clientWhere(async (input, meta) => {
      await insert(input, meta);
      throw new RoomTaken('Too late.');
    });
    await expect(client.book({ guest: 'A' }, { idempotencyKey: 'k' })).rejects.toBeInstanceOf(RoomTaken);
    expect(await client.bookings({})).toEqual({ guests: [] });
  });
});

describe('the registry', () => {
  @Handles(hotels.commands.forget)
  class Forget {
    async run(): Promise<void> {}
  }

  it('takes one handler per operation', () => {
    const dispatcher = new Dispatcher();
    dispatcher.register(world.hotels, new Forget());
    expect(() => dispatcher.register(world.hotels, new Forget())).toThrow('hotels.forget is handled twice');
    expect(dispatcher.handles('hotels.forget')).toBe(true);
  });

  it('takes no handler of another context\'s operation', () => {
    expect(() => new Dispatcher().register(world.trips, new Forget())).toThrow('another context\'s');
  });
});
