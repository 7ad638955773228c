import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { z } from 'zod';
import { Journal } from '../chaos/journal.js';
import { OwnPostgres } from '../chaos/own-postgres.js';
import { OwnRabbitMq } from '../chaos/own-rabbitmq.js';
import { AppProcess } from './app-process.js';

/** Where the built programs are, seen from this one. */
const APPS = fileURLToPath(new URL('../../../apps/', import.meta.url));
const OPERATOR = { email: 'operator@shop.example', password: 'a password for an hour' };

/** As much of all answers as is looked at here: of an order or a fault its id, of a problem its code, of a list what is in it. */
const bodySchema = z.looseObject({
  id: z.union([z.string(), z.number()]).default(''),
  code: z.string().optional(),
  accessToken: z.string().default(''),
  data: z.array(z.looseObject({
    id: z.union([z.string(), z.number()]).optional(), isOver: z.boolean().optional(),
    context: z.string().optional(), stage: z.string().optional(), instances: z.array(z.unknown()).default([]),
  })).default([]),
});

/** What a request answered with. */
export interface Answer {
  readonly status: number;
  readonly body: z.output<typeof bodySchema>;
}

/** The shop with payments lifted out: two processes, on a PostgreSQL and a RabbitMQ of their own. */
export class House {
  payments: AppProcess | undefined;
  staff = '';

  private constructor(readonly folder: string, private readonly postgres: OwnPostgres, readonly broker: OwnRabbitMq, public monolith: AppProcess) {}

  static async open(): Promise<House> {
    const folder = await mkdtemp(join(tmpdir(), `banyan-lifted-${process.pid}-`));
    await chmod(folder, 0o755); // PostgreSQL runs as somebody else where we are root
    const journal = new Journal(join(folder, 'journal.jsonl'));
    const postgres = await OwnPostgres.start(folder, journal);
    const broker = await OwnRabbitMq.start(journal);
    const house = new House(folder, postgres, broker, await start('monolith', folder, postgres.url, broker.url));
    house.staff = await house.signIn(OPERATOR);
    return house;
  }

  /** Starts one more process of the extracted app. */
  async lift(): Promise<AppProcess> {
    return start('extracted/payments', this.folder, this.postgres.url, this.broker.url);
  }

  async restartMonolith(): Promise<void> {
    this.monolith = await start('monolith', this.folder, this.postgres.url, this.broker.url);
  }

  /** Sends one request. @throws TypeError when the connection broke */
  async ask(method: string, path: string, { token, body, headers }: { token?: string; body?: unknown; headers?: Record<string, string> } = {}): Promise<Answer> {
    const response = await fetch(new URL(path, this.monolith.url), {
      method,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }), ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(method !== 'GET' && { 'idempotency-key': randomUUID() }), ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: bodySchema.parse(text === '' ? {} : JSON.parse(text)) };
  }

  /** As `ask`, in the name of the operator. @throws Error when the answer is no */
  async must(method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await this.ask(method, path, { token: this.staff, body });
    if (answer.status >= 300) throw new Error(`${method} ${path} was answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    return answer;
  }

  async customer(): Promise<string> {
    const credentials = { email: `${randomUUID()}@shop.example`, password: 'correct horse battery' };
    await this.ask('POST', '/v1/users', { body: { ...credentials, name: 'A customer' } });
    return this.signIn(credentials);
  }

  async signIn(credentials: { email: string; password: string }): Promise<string> {
    return (await this.ask('POST', '/v1/sessions', { body: credentials })).body.accessToken;
  }

  async article(stock: number): Promise<string> {
    const sku = `L-${randomUUID().slice(0, 8)}`;
    await this.must('PUT', `/v1/products/${sku}`, { name: sku, price: { amount: 100, currency: 'GBP' } });
    await this.must('POST', `/v1/stock/${sku}/receipts`, { quantity: stock });
    return sku;
  }

  /** @param database another one on the same server */
  async query<Row extends object>(sql: string, params: unknown[] = [], database?: string): Promise<Row[]> {
    const url = new URL(this.postgres.url);
    if (database !== undefined) url.pathname = `/${database}`;
    const client = new Client({ connectionString: url.href, application_name: 'proof' });
    await client.connect();
    try {
      return (await client.query<Row>(sql, params)).rows;
    } finally {
      await client.end();
    }
  }

  async close(isGood: boolean): Promise<void> {
    await this.payments?.end('SIGKILL');
    await this.monolith.end('SIGKILL');
    await this.broker.remove();
    await this.postgres.stop().catch(() => undefined);
    if (isGood) await rm(this.folder, { recursive: true, force: true });
  }
}

function start(app: string, folder: string, databaseUrl: string, amqpUrl: string): Promise<AppProcess> {
  return AppProcess.start(join(APPS, app, 'main.js'), {
    DATABASE_URL: databaseUrl, EVENT_BUS: 'rabbitmq', AMQP_URL: amqpUrl, DATA_DIR: folder, ADMIN_EMAIL: OPERATOR.email, ADMIN_PASSWORD: OPERATOR.password,
  }, join(folder, `${app.replace('/', '-')}.log`));
}
