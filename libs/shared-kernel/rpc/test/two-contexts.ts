import { z } from 'zod';
import { type ClientOf, command, defineContract, defineError, query } from '../../contract/index.js';
import { type Database, type Migration, openDatabase, provisionContext } from '../../persistence/index.js';
import { testDatabase } from '../../testing/plain.js';
import { Dispatcher, clientThrough, rpcMigrations } from '../index.js';

export const RoomTaken = defineError({
  code: 'room-taken', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'Somebody else sleeps there. Ask for another room.',
});

/** `unknown` passes through a schema as it is: only the copy on the way keeps it apart. */
const guest = z.strictObject({ guest: z.string(), wishes: z.unknown().optional() });
const booked = z.strictObject({ booking: z.string(), wishes: z.unknown().optional() });

/** The callee. Every operation means what the test that registers its handler wants it to mean. */
export const hotels = defineContract({
  name: 'hotels',
  commands: {
    book: command('hotels.book', { input: guest, output: booked, errors: [RoomTaken] }),
    bookAbroad: command('hotels.book-abroad', { input: guest, output: booked }),
    forget: command('hotels.forget', { input: guest, output: z.void() }),
  },
  queries: { bookings: query('hotels.bookings', { input: z.strictObject({}), output: z.strictObject({ guests: z.array(z.string()) }) }) },
  events: {},
});

const ownMigrations: Migration[] = [{ name: 'own-0001', sql: 'CREATE TABLE booking (id serial PRIMARY KEY, guest text NOT NULL, key text)' }];

export interface TwoContexts {
  readonly hotels: Database;
  readonly trips: Database;
  readonly dispatcher: Dispatcher;
  readonly client: ClientOf<typeof hotels>;
  close(): Promise<void>;
}

/** `trips` calls `hotels`; each has a role, a schema and a table `booking` of its own. */
export async function twoContexts(): Promise<TwoContexts> {
  const database = await testDatabase();
  const open = async (name: string): Promise<Database> => {
    const { url } = await provisionContext({ adminUrl: database.url, name, migrations: [...rpcMigrations, ...ownMigrations] });
    return openDatabase({ context: name, url, poolSize: 5, applicationName: `test-${name}` });
  };
  const callee = await open('hotels');
  const caller = await open('trips');
  const dispatcher = new Dispatcher();
  return {
    hotels: callee, trips: caller, dispatcher, client: clientThrough(hotels, dispatcher, caller),
    close: async () => {
      await Promise.all([callee.close(), caller.close()]);
      await database.drop();
    },
  };
}
