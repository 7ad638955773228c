import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningApp, startApp } from '@banyan/kernel/app';
import { type TestDatabase, eventually, testDatabase } from '@banyan/kernel/testing';
import { monolith as plan } from '../monolith.js';
import { readConfig } from './read-config.js';

/** What a request answered with. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of every shape; the assertion is the check
  readonly body: any;
}

export interface RequestOptions {
  readonly token?: string | undefined;
  readonly body?: unknown;
  readonly key?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request to a running shop. */
export async function request(url: string, method: string, path: string, { token, body, key, headers = {} }: RequestOptions = {}): Promise<Answer> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method !== 'GET' && { 'idempotency-key': key ?? randomUUID() }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  return { status: response.status, headers: response.headers, body: isJson && text ? JSON.parse(text) : undefined };
}

export interface Person {
  readonly id: string;
  readonly token: string;
}

/** People and goods of a shop, by the doors that everybody uses. */
export class Shopping {
  private constructor(readonly url: string, readonly staff: Person) {}

  /** Signs the operator in, who is staff too. */
  static async at(url: string, operator: { email: string; password: string }): Promise<Shopping> {
    const token = await signIn(url, operator.email, operator.password);
    const me = await request(url, 'GET', '/v1/me', { token });
    return new Shopping(url, { id: me.body.id, token });
  }

  send(method: string, path: string, options?: RequestOptions): Promise<Answer> {
    return request(this.url, method, path, options);
  }

  async customer(): Promise<Person> {
    const email = `${randomUUID()}@shop.example`;
    const password = 'correct horse battery';
    const user = await this.send('POST', '/v1/users', { body: { email, password, name: 'A customer' } });
    return { id: user.body.id, token: await signIn(this.url, email, password) };
  }

  /** Makes an article with a price in pence and stock; answers with its SKU. */
  async article({ price = 1_000, stock = 100 } = {}): Promise<string> {
    const sku = `T-${randomUUID().slice(0, 8)}`;
    await this.send('PUT', `/v1/products/${sku}`, { token: this.staff.token, body: { name: sku, price: { amount: price, currency: 'GBP' } } });
    if (stock > 0) await this.send('POST', `/v1/stock/${sku}/receipts`, { token: this.staff.token, body: { quantity: stock } });
    return sku;
  }

  /** Places an order and answers with its id. */
  async order(token: string, lines: readonly { sku: string; quantity: number }[], method?: string): Promise<string> {
    const answer = await this.send('POST', '/v1/orders', { token, body: { lines, ...(method && { payment: { method } }) } });
    if (answer.status !== 202) throw new Error(`The order was not taken in: ${JSON.stringify(answer.body)}`);
    return answer.body.id;
  }

  /** Waits until the order has left `pending`. */
  async settled(orderId: string, within?: number): Promise<Answer['body']> {
    return this.inStatus(orderId, ['confirmed', 'rejected', 'cancelled'], within);
  }

  async inStatus(orderId: string, wanted: readonly string[], within?: number): Promise<Answer['body']> {
    return eventually(async () => {
      const { body } = await this.send('GET', `/v1/orders/${orderId}`, { token: this.staff.token });
      if (!wanted.includes(body?.status)) throw new Error(`The order is ${body?.status}, not ${wanted.join(' or ')}: ${JSON.stringify(body)}`);
      return body;
    }, within);
  }

  async stock(sku: string): Promise<{ onHand: number; reserved: number; available: number }> {
    const { body } = await this.send('GET', `/v1/stock/${sku}`, { token: this.staff.token });
    return { onHand: body.onHand, reserved: body.reserved, available: body.available };
  }

  async paymentOf(orderId: string): Promise<Answer['body']> {
    const { body } = await this.send('GET', `/v1/payments?orderId=${orderId}`, { token: this.staff.token });
    return body.data[0];
  }

  /** The shipment of a confirmed order, as soon as shipping has heard of it. */
  async shipmentOf(orderId: string): Promise<Answer['body']> {
    return eventually(async () => {
      const { body } = await this.send('GET', `/v1/shipments?orderId=${orderId}`, { token: this.staff.token });
      if (!body.data[0]) throw new Error(`The order ${orderId} has no shipment yet.`);
      return body.data[0];
    });
  }

  async ledgerBalance(): Promise<number> {
    const { body } = await this.send('GET', '/v1/payments/trial-balance', { token: this.staff.token });
    return body.balance;
  }
}

async function signIn(url: string, email: string, password: string): Promise<string> {
  const { body, status } = await request(url, 'POST', '/v1/sessions', { body: { email, password } });
  if (status !== 201) throw new Error(`Signing in failed: ${JSON.stringify(body)}`);
  return body.accessToken;
}

/** The whole shop in this process, on a database of its own. */
export interface ShopUnderTest {
  readonly shop: Shopping;
  readonly monolith: RunningApp;
  readonly storage: TestDatabase;
  close(): Promise<void>;
}

export async function openShop(environment: Readonly<Record<string, string>> = {}): Promise<ShopUnderTest> {
  const storage = await testDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-shop-'));
  const monolith = await startApp(plan, readConfig({ PORT: '0', DATA_DIR: dataDir, DATABASE_URL: storage.url, LOG_LEVEL: 'error', ...environment }));
  return {
    monolith, storage,
    shop: await Shopping.at(monolith.url, monolith.operator),
    close: async () => {
      await monolith.stop();
      await storage.drop();
      await rm(dataDir, { recursive: true });
    },
  };
}
