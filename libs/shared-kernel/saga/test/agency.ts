import { type Database, type Migration, openDatabase, provisionContext } from '../../persistence/index.js';
import { Dispatcher, Handles, type Transport, rpcMigrations } from '../../rpc/index.js';
import { runInput } from '../../runtime/index.js';
import { type TestDatabase, testDatabase } from '../../testing/plain.js';
import { type FailedSaga, type SagaDefinition, SagaExecutor, type SagaExecutorParts, type SagaSettings, type SagaStory, Sagas, sagaMigrations } from '../index.js';
import { type Journey, TripClosed, flights, hotels } from './words.js';

/** Effects are only ever appended: what happened twice stands there twice. */
const ledger: Migration = {
  name: 'own-0001',
  sql: 'CREATE TABLE ledger (position serial PRIMARY KEY, trip_id text NOT NULL, effect text NOT NULL); CREATE TABLE closed (trip_id text PRIMARY KEY)',
};

const journal = (database: Database, tripId: string, effect: string) =>
  database.query('INSERT INTO ledger (trip_id, effect) VALUES ($1, $2)', [tripId, effect]);

const effectsOf = async (database: Database, tripId: string) =>
  (await database.query<{ effect: string }>('SELECT effect FROM ledger WHERE trip_id = $1 ORDER BY position', [tripId])).map((it) => it.effect);

async function refuseClosed(database: Database, tripId: string): Promise<void> {
  const closed = await database.query('SELECT 1 FROM closed WHERE trip_id = $1', [tripId]);
  if (closed.length > 0) throw new TripClosed(`Trip ${tripId} was cancelled.`);
}

/** Cancels what was booked; what was not is closed, so that a booking that comes late is refused. */
async function cancel(database: Database, tripId: string): Promise<Record<string, never>> {
  await database.query('INSERT INTO closed VALUES ($1) ON CONFLICT DO NOTHING', [tripId]);
  const effects = await effectsOf(database, tripId);
  if (effects.includes('booked') && !effects.includes('cancelled')) await journal(database, tripId, 'cancelled');
  return {};
}

type OperationHandler = Parameters<Dispatcher['register']>[1];

function flightHandlers(database: Database): OperationHandler[] {
  @Handles(flights.commands.book)
  class BookFlight {
    async run({ tripId }: { tripId: string }): Promise<{ seat: string }> {
      await refuseClosed(database, tripId);
      await journal(database, tripId, 'booked');
      return { seat: `seat of ${tripId}` };
    }
  }
  @Handles(flights.commands.cancel)
  class CancelFlight {
    run = ({ tripId }: { tripId: string }) => cancel(database, tripId);
  }
  @Handles(flights.commands.issueTicket)
  class IssueTicket {
    async run({ tripId, seat }: { tripId: string; seat: string }): Promise<Record<string, never>> {
      await journal(database, tripId, `ticket for ${seat}`);
      return {};
    }
  }
  return [new BookFlight(), new CancelFlight(), new IssueTicket()];
}

function hotelHandlers(database: Database, isFull: (tripId: string) => boolean): OperationHandler[] {
  @Handles(hotels.commands.book)
  class BookRoom {
    async run({ tripId }: { tripId: string }): Promise<{ is: 'booked'; room: number } | { is: 'full' }> {
      await refuseClosed(database, tripId);
      if (isFull(tripId)) return { is: 'full' };
      await journal(database, tripId, 'booked');
      return { is: 'booked', room: 7 };
    }
  }
  @Handles(hotels.commands.cancel)
  class CancelRoom {
    run = ({ tripId }: { tripId: string }) => cancel(database, tripId);
  }
  return [new BookRoom(), new CancelRoom()];
}

/** A local step that writes the journal of the owning context, after what the test wants to happen there. */
abstract class Journalled {
  abstract readonly effect: string;

  constructor(readonly database: Database, readonly before: (effect: string, tripId: string) => Promise<void>) {}

  async run(journey: Journey, saga: { id: string; reason?: { code: string; step: string } }): Promise<void> {
    await this.before(this.effect, journey.tripId);
    const { reason } = saga;
    await journal(this.database, journey.tripId, reason ? `${this.effect}: ${reason.code} at ${reason.step}` : `${this.effect} ${journey.seat ?? 'no seat'}, room ${journey.room ?? 'none'}`);
  }
}
export class Confirm extends Journalled {
  readonly effect = 'confirmed';
}
export class Archive extends Journalled {
  readonly effect = 'archived';
}
export class Reject extends Journalled {
  readonly effect = 'rejected';

  override run(journey: Journey, saga: FailedSaga): Promise<void> {
    return super.run(journey, saga);
  }
}

/** What a test lets go wrong in the world around the sagas. */
export interface Weather {
  isFull: (tripId: string) => boolean;
  beforeCall: (operation: string, tripId: string) => Promise<void>;
  afterCall: (operation: string, tripId: string) => Promise<void>;
  beforeLocal: (effect: string, tripId: string) => Promise<void>;
}

export interface ExecutorOptions {
  readonly definitions: readonly SagaDefinition[];
  readonly settings?: Partial<SagaSettings>;
  readonly isOnDuty?: () => boolean;
  /** The databases and the transport as this executor sees them: a crash cuts it off from both. */
  readonly through?: { readonly database: (database: Database) => Database; readonly transport: (transport: Transport) => Transport };
}

const quick: Partial<SagaSettings> = { pollMs: 20, leaseMs: 2_000, firstPauseMs: 5, longestPauseMs: 40, attemptMs: 1_000 };

/** Three contexts on a database of their own: `trips` owns the sagas and calls `flights` and `hotels`. */
export class Agency {
  readonly weather: Weather = {
    isFull: () => false, beforeCall: async () => undefined, afterCall: async () => undefined, beforeLocal: async () => undefined,
  };
  readonly sagas: Sagas;
  private readonly transport: Transport;
  private readonly executors: SagaExecutor[] = [];
  private readonly opened: Database[] = [];

  private constructor(private readonly database: TestDatabase, readonly trips: Database, readonly flights: Database, readonly hotels: Database) {
    const dispatcher = new Dispatcher();
    for (const handler of flightHandlers(flights)) dispatcher.register(flights, handler);
    for (const handler of hotelHandlers(hotels, (tripId) => this.weather.isFull(tripId))) dispatcher.register(hotels, handler);
    this.transport = {
      send: async (call) => {
        const { tripId } = call.input as { tripId: string };
        await this.weather.beforeCall(call.operation, tripId);
        const reply = await dispatcher.send(call);
        await this.weather.afterCall(call.operation, tripId);
        return reply;
      },
    };
    this.sagas = new Sagas(trips);
  }

  static async open(): Promise<Agency> {
    const database = await testDatabase();
    const [trips, flying, sleeping] = await Promise.all(['trips', 'flights', 'hotels'].map((name) => openContext(database.url, name)));
    if (!trips || !flying || !sleeping) throw new Error('All three were asked for.');
    return new Agency(database, trips, flying, sleeping);
  }

  /** Of the one who may do everything, also gather statistics. */
  get adminUrl(): string {
    return this.database.url;
  }

  /** Starts an executor, as another instance of the app would have one. */
  async executor({ definitions, settings, through, isOnDuty = () => true }: ExecutorOptions): Promise<SagaExecutor> {
    const database = through ? through.database(this.trips) : this.trips;
    const executor = new SagaExecutor({
      database, sagas: this.sagas, definitions, settings: { ...quick, ...settings },
      transport: through ? through.transport(this.transport) : this.transport,
      resolve: this.localHandlers(database), isOnDuty,
    });
    executor.start();
    this.executors.push(executor);
    return executor;
  }

  private localHandlers(database: Database): SagaExecutorParts['resolve'] {
    const before: Weather['beforeLocal'] = (effect, tripId) => this.weather.beforeLocal(effect, tripId);
    const handlers = [Confirm, Archive, Reject].map((it) => [it, new it(database, before)] as const);
    return (handlerClass) => {
      const found = handlers.find(([it]) => it === handlerClass)?.[1];
      if (!found) throw new Error(`${handlerClass.name} is no handler of this agency.`);
      return found;
    };
  }

  /** A second pool of the owning context, for what another process would do. */
  async anotherPool(): Promise<Database> {
    const database = await openContext(this.database.url, 'trips');
    this.opened.push(database);
    return database;
  }

  begin(definition: SagaDefinition<Journey>, tripId: string): Promise<boolean> {
    return runInput({ context: 'trips', correlationId: `correlation of ${tripId}`, principal: { id: 'ann', roles: ['guest'] } }, () =>
      this.trips.transaction(() => this.sagas.start(definition, tripId, { tripId })));
  }

  /** Waits until the story satisfies the condition. @throws Error with the last story seen after so many milliseconds */
  async until(name: string, tripId: string, isSo: (story: SagaStory) => boolean, ms = 15_000): Promise<SagaStory> {
    for (const start = performance.now(); ;) {
      const story = await this.sagas.story(name, tripId);
      if (story && isSo(story)) return story;
      if (performance.now() - start > ms) throw new Error(`The saga ${name} ${tripId} did not come there: ${JSON.stringify(story, null, 1)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  ended(name: string, tripId: string): Promise<SagaStory> {
    return this.until(name, tripId, (story) => story.endedAt !== null);
  }

  async ledgers(tripId: string): Promise<{ trips: string[]; flights: string[]; hotels: string[] }> {
    return {
      trips: await effectsOf(this.trips, tripId), flights: await effectsOf(this.flights, tripId), hotels: await effectsOf(this.hotels, tripId),
    };
  }

  /** Ends what a test has started, so that the next one begins with clear weather. */
  async calm(): Promise<void> {
    await Promise.all(this.executors.splice(0).map((it) => it.stop()));
    Object.assign(this.weather, {
      isFull: () => false, beforeCall: async () => undefined, afterCall: async () => undefined, beforeLocal: async () => undefined,
    });
  }

  async close(): Promise<void> {
    await this.calm();
    await Promise.all([this.trips, this.flights, this.hotels, ...this.opened].map((it) => it.close()));
    await this.database.drop();
  }
}

async function openContext(adminUrl: string, name: string): Promise<Database> {
  const { url } = await provisionContext({ adminUrl, name, migrations: [...rpcMigrations, ...sagaMigrations, ledger] });
  return openDatabase({ context: name, url, poolSize: 6, applicationName: `test-${name}` });
}
