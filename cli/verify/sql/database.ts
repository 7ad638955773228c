import { type ContextDeclaration, ContextHost } from '@banyan/kernel/context';
import { startEmbeddedDatabase } from '@banyan/kernel/persistence';
import { Client } from 'pg';
import { ownFolder, removeFolder } from './temporary-folder.js';

/** A context whose schema cannot be made, and why. */
export interface Unmade {
  readonly context: string;
  readonly reason: string;
}

/** What there is to look at: one connection, which only reads. */
export interface SchemaView {
  readonly client: Client;
  readonly unmade: readonly Unmade[];
}

/** The database whose schemas are looked at: one that runs already, or an empty one that is filled for the purpose. */
export class SchemaSource {
  private filled: Promise<readonly Unmade[]> | undefined;
  private closed: Promise<void> | undefined;
  private readonly looks = new Set<Promise<unknown>>();

  private constructor(private readonly url: Promise<string>, private readonly isOurs: boolean, private readonly stop: () => Promise<void>) {}

  /** Takes a running database as it is, and changes nothing in it. */
  static running(url: string): SchemaSource {
    return new SchemaSource(Promise.resolve(url), false, async () => undefined);
  }

  /** Starts an empty PostgreSQL in a temporary folder; `close` leaves nothing behind. */
  static empty(): SchemaSource {
    const folder = ownFolder();
    const database = folder.then((dataDir) => startEmbeddedDatabase({ dataDir, durable: false }));
    const url = database.then((it) => it.url);
    url.catch(() => undefined); // whoever looks hears of it
    return new SchemaSource(url, true, async () => {
      await database.then((it) => it.stop()).catch(() => undefined);
      await removeFolder(await folder);
    });
  }

  /** Looks at the schemas of these contexts, in one transaction that only reads. Not after `close`. */
  async look<T>(declarations: readonly ContextDeclaration[], work: (view: SchemaView) => Promise<T>): Promise<T> {
    if (this.closed) throw new Error('The database was closed before it could be looked at.');
    const looking = this.lookNow(declarations, work);
    this.looks.add(looking);
    return looking;
  }

  private async lookNow<T>(declarations: readonly ContextDeclaration[], work: (view: SchemaView) => Promise<T>): Promise<T> {
    const url = await this.url;
    this.filled ??= this.isOurs ? makeSchemas(declarations, url) : Promise.resolve([]);
    const unmade = await this.filled;
    const client = new Client({ connectionString: url, application_name: 'banyan verify' });
    client.on('error', () => undefined); // the statement under way fails with it
    await client.connect();
    try {
      await client.query('begin transaction read only');
      return await work({ client, unmade });
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Lets those who look finish, for PostgreSQL does not stop under others; then stops it. A second call waits for the first. */
  close(): Promise<void> {
    this.closed ??= Promise.allSettled(this.looks).then(() => this.stop());
    return this.closed;
  }
}

/** Makes the schemas of all contexts, each by itself, so that one that fails hides no other. */
export async function makeSchemas(declarations: readonly ContextDeclaration[], url: string): Promise<Unmade[]> {
  const outcomes = await Promise.all(declarations.map(async (declaration) => {
    try {
      const host = await ContextHost.open([declaration], { databaseUrl: () => url, poolSize: 1 });
      await host.close();
      return undefined;
    } catch (error) {
      return { context: declaration.name, reason: error instanceof Error ? error.message : String(error) };
    }
  }));
  return outcomes.filter((it) => it !== undefined);
}
