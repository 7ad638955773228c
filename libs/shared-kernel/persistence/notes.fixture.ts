import { Client } from 'pg';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { testDatabase } from '../testing/plain.js';
import { type Database, type Migration, openDatabase, provisionContext } from './index.js';

@Entity({ name: 'note' })
export class NoteRow {
  @PrimaryColumn({ type: 'int' })
  id!: number;

  @Column({ type: 'text' })
  body!: string;

  @Column({ type: 'bigint', default: 0 })
  size!: number;
}

const migrations: Migration[] = [{
  name: '0001-initial',
  sql: `create table note (id int primary key, body text not null, size bigint not null default 0);
        create table child (note_id int references note deferrable initially deferred)`,
}];

/** A server with contexts that all have the tables `note` and `child`, and an administrator who sees what is committed. */
export interface NotesServer {
  readonly admin: Client;
  open(context: string, poolSize?: number): Promise<Database>;
  idsIn(context: string): Promise<number[]>;
  close(): Promise<void>;
}

export async function notesServer(): Promise<NotesServer> {
  const server = await testDatabase();
  const admin = new Client({ connectionString: server.url });
  admin.on('error', () => undefined);
  await admin.connect();
  const opened: Database[] = [];
  return {
    admin,
    open: async (context, poolSize = 4) => {
      const { url } = await provisionContext({ adminUrl: server.url, name: context, migrations });
      const database = await openDatabase({ context, url, entities: [NoteRow], poolSize, applicationName: `test ${context}` });
      opened.push(database);
      return database;
    },
    idsIn: async (context) => (await admin.query<{ id: number }>(`select id from ${context}.note order by id`)).rows.map(({ id }) => id),
    close: async () => {
      await Promise.all(opened.map((it) => it.close()));
      await admin.end();
      await server.drop();
    },
  };
}

export async function insertNote(database: Database, id: number): Promise<void> {
  await database.query('insert into note (id, body) values ($1, $2)', [id, `note ${id}`]);
}

export async function backendOf(database: Database): Promise<number | undefined> {
  return (await database.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid;
}
