import { Injectable } from '@nestjs/common';
import { Database } from '../persistence/index.js';
import { type StreamAudit, auditStream } from './audit.js';
import { VersionConflict } from './errors.js';
import { BEFORE_ANY_LATER, type Reach, type Standing, newestSnapshot, storeSnapshot } from './snapshots.js';
import { type EventOf, type Recorded, type StoredEvent, type StreamDefinition, evolved, readEvent } from './stream.js';

export type { Standing } from './snapshots.js';

/** Which of a stream's events are read; all of them when nothing is said. */
export interface Reading extends Reach {
  /** Those after this version. */
  readonly after?: number;
  readonly limit?: number;
}

type Shapes = StreamDefinition['events'];

/** So many events are brought over by one statement, so that none takes long. */
const IMPORT_BATCH = 5_000;
const RELATION = /^[a-z_]+$/;
/** What PostgreSQL says where another transaction stored the same version meanwhile. */
const UNIQUE_VIOLATION = '23505';

/**
 * The event streams of one context, in its own schema: `eventStoreMigrations` makes their tables. A stream is named by
 * its kind and a UUID, and is only ever added to.
 *
 * Two who add to a stream at once are arbitrated by its primary key: the second waits for the first one's commit and is
 * refused, or goes on when the first rolls back. Whoever holds another lock for the stream never gets that far.
 */
@Injectable()
export class EventStore {
  constructor(private readonly database: Database) {}

  /**
   * Adds events to a stream that has exactly as many events as expected, in one statement.
   * @throws VersionConflict when it has others: nothing was written. Where they were added at the same moment, the open
   *   transaction can only be rolled back.
   */
  async append<S extends Shapes, State>(stream: StreamDefinition<S, State>, id: string, expected: number, events: readonly EventOf<S>[]): Promise<void> {
    if (events.length === 0) return;
    const written = await this.insert(stream, id, expected, events);
    if (written !== events.length) throw conflict(stream.name, id, expected);
    const { snapshots } = stream;
    if (!snapshots || Math.floor((expected + written) / snapshots.every) === Math.floor(expected / snapshots.every)) return;
    await storeSnapshot(this.database, stream.name, id, snapshots, await this.load(stream, id));
  }

  /** Events of a stream in their order, each lifted to its current version. @throws EventUnreadable */
  async read<S extends Shapes, State>(stream: StreamDefinition<S, State>, id: string, { after = 0, upTo, asOf, limit }: Reading = {}): Promise<Recorded<EventOf<S>>[]> {
    // stream_event_pkey
    const rows = await this.database.query<StoredEvent>(
      `SELECT version, type, schema_version, data, occurred_at FROM stream_event
       WHERE stream = $1 AND id = $2 AND version > $3 AND ($4::integer IS NULL OR version <= $4) AND ${BEFORE_ANY_LATER}
       ORDER BY version LIMIT $6`,
      [stream.name, id, after, upTo ?? null, asOf ?? null, limit ?? null],
    );
    return rows.map((row) => readEvent(stream, row));
  }

  /** The state of a stream, as it stood at a version or an instant if one is given. @throws EventUnreadable */
  async load<S extends Shapes, State>(stream: StreamDefinition<S, State>, id: string, reach: Reach = {}): Promise<Standing<State>> {
    const { name, initial, snapshots } = stream;
    const start = (snapshots && await newestSnapshot(this.database, name, id, snapshots, reach)) ?? { state: initial, version: 0 };
    const events = await this.read(stream, id, { ...reach, after: start.version });
    return { state: evolved(stream, start.state, events).at(-1) ?? start.state, version: events.at(-1)?.version ?? start.version };
  }

  /** Whether a stream has come to a version. Nothing is missing before it. */
  async reaches({ name }: Pick<StreamDefinition, 'name'>, id: string, version: number): Promise<boolean> {
    if (version === 0) return true;
    // stream_event_pkey
    const rows = await this.database.query('SELECT FROM stream_event WHERE stream = $1 AND id = $2 AND version = $3', [name, id, version]);
    return rows.length > 0;
  }

  /**
   * Adds what another table or view of the context has and its streams have not, of one stream or of all. Its columns
   * are stream, id, version, type, schema_version, data and occurred_at. Two who import at once do so once.
   */
  async importFrom(relation: string, id?: string): Promise<void> {
    if (!RELATION.test(relation)) throw new Error(`"${relation}" is not the name of a table or view.`);
    // stream_event_pkey for one stream, and the relation's own index on its id. For all, both are read as a whole.
    // What another was quicker with counts as found: there may be more behind it.
    const sql = `
     WITH found AS (
       SELECT stream, id, version, type, schema_version, data, occurred_at FROM ${relation} known
       WHERE ${id === undefined ? '' : 'id = $2 AND '}NOT EXISTS (
         SELECT FROM stream_event here WHERE here.stream = known.stream AND here.id = known.id AND here.version = known.version)
       ORDER BY stream, id, version LIMIT $1
     ), added AS (
       INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported)
       SELECT stream, id, version, type, schema_version, data, occurred_at, true FROM found ORDER BY stream, id, version ON CONFLICT DO NOTHING
     )
     SELECT FROM found HAVING count(*) = $1`;
    for (let isMore = true; isMore;) isMore = (await this.database.query(sql, [IMPORT_BATCH, ...(id === undefined ? [] : [id])])).length > 0;
  }

  /** Whether a stream is as it was written. */
  audit({ name }: Pick<StreamDefinition, 'name'>, id: string): Promise<StreamAudit> {
    return auditStream(this.database, name, id);
  }

  /** @returns how many events were written: all or none */
  private async insert({ name, events: shapes }: Pick<StreamDefinition, 'name' | 'events'>, id: string, expected: number, events: readonly EventOf<Shapes>[]): Promise<number> {
    try {
      // stream_event_pkey, twice: for the end of the stream, and as the arbiter
      const rows = await this.database.query(
        `INSERT INTO stream_event (stream, id, version, type, schema_version, data, occurred_at, is_imported)
         SELECT $1, $2, $3 + n, type, schema_version, data, occurred_at, false
         FROM unnest($4::text[], $5::integer[], $6::jsonb[], $7::timestamptz[]) WITH ORDINALITY AS it (type, schema_version, data, occurred_at, n)
         WHERE $3 = coalesce((SELECT max(version) FROM stream_event WHERE stream = $1 AND id = $2), 0)
         ORDER BY n
         RETURNING version`,
        [
          name, id, expected, events.map((it) => it.type), events.map((it) => shapes[it.type]?.version),
          events.map((it) => JSON.stringify(shapes[it.type]?.data.parse(it.data))), events.map((it) => it.occurredAt),
        ],
      );
      return rows.length;
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'code' in error && error.code === UNIQUE_VIOLATION) return 0;
      throw error;
    }
  }
}

function conflict(stream: string, id: string, expected: number): Error {
  return new VersionConflict(`The stream "${stream}" of ${id} does not end at version ${expected}, where it was expected to.`, { stream, id, expected });
}
