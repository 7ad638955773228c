import { setTimeout as pause } from 'node:timers/promises';
import { Body, Controller, Get, Inject, Module, Param, Post, Put, Res, type DynamicModule, type Type } from '@nestjs/common';
import { Client } from 'pg';
import { from, map, type Observable } from 'rxjs';
import { z } from 'zod';
import { defineError } from '../../contract/index.js';
import { Database, openDatabase, provisionContext, type Migration } from '../../persistence/index.js';
import { currentInput } from '../../runtime/index.js';
import { testDatabase } from '../../testing/index.js';
import { Answers, Fails, Idempotent, Public, SignedIn, etagOf, idempotencyMigrations, type Reply } from '../index.js';

const ShelfFull = defineError({
  code: 'shelf-full', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'The shelf holds no more.',
});

const migrations: Migration[] = [
  ...idempotencyMigrations,
  { name: '0001-initial', sql: 'CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, label text NOT NULL)' },
];

const itemSchema = z.strictObject({ label: z.string().min(1), wait: z.int().max(1_000).optional(), ends: z.enum(['fail', 'refuse', 'commit-fails']).optional() });
const madeSchema = z.strictObject({ id: z.int(), label: z.string(), context: z.string().optional() });

/** Makes the same controller for one context after another: each class its own, as in real contexts. */
function controllersOf(name: string): Type[] {
  @Controller(`v1/${name}`)
  class ShelfController {
    constructor(@Inject(Database) private readonly database: Database) {}

    @Post('items')
    @SignedIn()
    @Idempotent()
    @Answers(201, madeSchema, 'It stands on the shelf.')
    @Fails(ShelfFull)
    async add(@Body({ schema: itemSchema }) { label, wait, ends }: z.output<typeof itemSchema>, @Res({ passthrough: true }) reply: Reply) {
      const [row] = await this.database.query<{ id: number }>('INSERT INTO item (label) VALUES ($1) RETURNING id', [label]);
      const id = row?.id ?? 0;
      reply.header('Location', `/v1/${name}/items/${id}`).header('ETag', etagOf({ id }));
      if (wait) await pause(wait);
      if (ends === 'refuse') throw new ShelfFull('There is no room for another.', { label });
      if (ends === 'fail') throw new Error('The shelf broke.');
      if (ends === 'commit-fails') this.database.beforeCommit('break', () => Promise.reject(new Error('The commit broke.')));
      return { id, label, context: currentInput()?.context };
    }

    @Put('items/:id')
    @Public()
    @Idempotent()
    @Answers(200, madeSchema, 'It was there.')
    put(@Param('id') id: string, @Res({ passthrough: true }) reply: Reply): Observable<{ id: number; label: string }> {
      if (id !== '1') reply.status(201);
      return from(this.database.query<{ id: number }>("INSERT INTO item (label) VALUES ('put') RETURNING id"))
        .pipe(map(([row]) => ({ id: row?.id ?? 0, label: 'put' })));
    }

    @Post('sweeps')
    @Public()
    @Idempotent()
    @Answers(204, null, 'It is empty.')
    async sweep(@Body() _body: unknown): Promise<void> {
      await this.database.query('DELETE FROM item');
    }

    @Get('items')
    @Public()
    @Answers(200, z.strictObject({ labels: z.array(z.string()) }), 'What stands there.')
    async items() {
      const rows = await this.database.query<{ label: string }>('SELECT label FROM item ORDER BY id');
      return { labels: rows.map(({ label }) => label) };
    }
  }
  return [ShelfController];
}

export interface Shelves {
  /** A module per context, each with its own Database, as often as an app is started. */
  modules(): Promise<DynamicModule[]>;
  readonly databases: Map<string, Database>;
  readonly admin: Client;
  stop(): Promise<void>;
}

/** Two contexts in one PostgreSQL, each with a shelf and the table of the keys. */
export async function shelves(names: readonly string[] = ['left', 'right']): Promise<Shelves> {
  const server = await testDatabase();
  const admin = new Client({ connectionString: server.url });
  await admin.connect();
  const databases = new Map<string, Database>();
  for (const name of names) {
    const { url } = await provisionContext({ adminUrl: server.url, name, migrations });
    databases.set(name, await openDatabase({ context: name, url, poolSize: 10, applicationName: `test ${name}` }));
  }
  return {
    databases, admin,
    modules: async () => [...databases].map(([name, database]) => moduleOf(name, database)),
    stop: async () => {
      await Promise.all([...databases.values()].map((it) => it.close()));
      await admin.end();
      await server.drop();
    },
  };
}

function moduleOf(name: string, database: Database): DynamicModule {
  @Module({})
  class ShelfModule {}
  return { module: ShelfModule, controllers: controllersOf(name), providers: [{ provide: Database, useValue: database }] };
}
