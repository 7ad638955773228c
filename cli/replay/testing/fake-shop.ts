import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { z } from 'zod';
import { Lines, reportDays, trialBalance, type Booked } from './fake-books.js';

/** How often what goes wrong, each from 0 to 1; the seed makes it the same every time. */
export interface Trouble {
  readonly seed: number;
  /** The connection breaks before the shop has done anything. */
  readonly dropBefore?: number;
  /** The shop has done it, but its answer is lost. */
  readonly dropAfter?: number;
  readonly unavailable?: number;
  readonly stillRunning?: number;
  readonly tooMany?: number;
  readonly tokenExpired?: number;
}

/** What a fake shop does differently from an honest one. */
export interface Quirks {
  readonly trouble?: Trouble;
  /** Pennies by which the first day's revenue is wrong in the report. */
  readonly skim?: number;
  /** SKUs that the shop never accepts. */
  readonly hates?: readonly string[];
  /** SKUs on which the shop fails each time, with 500. */
  readonly chokesOn?: readonly string[];
  /** Forgets keys: what comes twice is booked twice. */
  readonly isForgetful?: boolean;
}

const Order = z.strictObject({ customerId: z.string().min(1), placedAt: z.iso.datetime(), lines: Lines });
const CreditNote = z.strictObject({ customerId: z.string().min(1), issuedAt: z.iso.datetime(), lines: Lines });
const Price = z.strictObject({ amount: z.int().positive(), currency: z.literal('GBP') });
const Product = z.strictObject({ name: z.string().min(1).max(200), price: Price });
const Receipt = z.strictObject({ quantity: z.int().positive() });
type Reply = { status: number; body: unknown };

export const FAKE_LOGIN = { email: 'operator@shop.test', password: 'correct horse' };

/** A shop in a few lines: the endpoints that the replay uses, kept in memory, with trouble on demand. */
export class FakeShop {
  readonly orders = new Map<string, Booked>();
  readonly creditNotes = new Map<string, Booked>();
  readonly products = new Map<string, z.infer<typeof Product>>();
  readonly stock = new Map<string, number>();
  readonly mishaps = new Map<string, number>();
  /** Called after each order or credit note was booked. */
  onBooked: (count: number) => void = () => undefined;
  readonly #answers = new Map<string, Reply & { fingerprint: string }>();
  readonly #random: () => number;
  readonly #replayed = new WeakSet<Reply>();
  #tokens = new Set<string>();
  #server: Server | undefined;
  #port = 0;

  constructor(private readonly quirks: Quirks = {}) {
    this.#random = randomFrom(quirks.trouble?.seed ?? 1);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Opens, the first time on any free port and later on the same one. */
  async open(): Promise<this> {
    const server = createServer((request, response) => {
      // A request that breaks off half-way is the caller's to send again.
      this.#serve(request, response).catch(() => response.destroy());
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    const address = server.address();
    if (address && typeof address === 'object') this.#port = address.port;
    return this;
  }

  /** Goes away at once, like a killed process; what is booked stays booked. */
  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: string[] = [];
    for await (const chunk of request.setEncoding('utf8')) chunks.push(String(chunk));
    const { dropBefore = 0, dropAfter = 0 } = this.quirks.trouble ?? {};
    if (this.#happens('dropBefore', dropBefore)) return void request.socket.destroy();
    const reply = this.#mishap() ?? this.#answer(request, chunks.join(''));
    if (this.#happens('dropAfter', dropAfter)) return void request.socket.destroy();
    const isReplayed = reply.status === 202 && this.#replayed.has(reply);
    response.writeHead(reply.status, {
      'content-type': reply.status < 400 ? 'application/json' : 'application/problem+json',
      ...(isReplayed && { 'idempotent-replayed': 'true' }),
      ...(reply.status === 429 && { 'retry-after': '0' }),
    });
    response.end(JSON.stringify(reply.body));
  }

  #happens(what: string, rate: number): boolean {
    if (rate === 0 || this.#random() >= rate) return false;
    this.mishaps.set(what, (this.mishaps.get(what) ?? 0) + 1);
    return true;
  }

  #mishap(): Reply | undefined {
    const { unavailable = 0, stillRunning = 0, tooMany = 0, tokenExpired = 0 } = this.quirks.trouble ?? {};
    if (this.#happens('unavailable', unavailable)) return problem(503, 'unavailable');
    if (this.#happens('stillRunning', stillRunning)) return problem(409, 'idempotency-key-in-use');
    if (this.#happens('tooMany', tooMany)) return problem(429, 'too-many-requests');
    if (this.#happens('tokenExpired', tokenExpired)) this.#tokens = new Set();
    return undefined;
  }

  #answer(request: IncomingMessage, text: string): Reply {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/v1/sessions') return this.#logIn(JSON.parse(text));
    const token = request.headers.authorization?.replace('Bearer ', '') ?? '';
    if (!this.#tokens.has(token)) return problem(401, 'unauthenticated');
    if (request.method === 'GET') return this.#read(url);
    const key = request.headers['idempotency-key'];
    if (typeof key !== 'string') return problem(400, 'idempotency-key-missing');
    const fingerprint = `${request.method} ${url.pathname} ${text}`;
    const earlier = this.quirks.isForgetful ? undefined : this.#answers.get(key);
    if (earlier && earlier.fingerprint !== fingerprint) return problem(422, 'idempotency-key-reused');
    if (earlier) return this.#markReplayed(earlier);
    const reply = this.#write(url, JSON.parse(text));
    if (reply.status < 300) this.#answers.set(key, { ...reply, fingerprint });
    return reply;
  }

  #markReplayed(reply: Reply): Reply {
    this.#replayed.add(reply);
    return reply;
  }

  #logIn(body: unknown): Reply {
    if (JSON.stringify(body) !== JSON.stringify(FAKE_LOGIN)) return problem(401, 'bad-credentials');
    const accessToken = randomUUID();
    this.#tokens.add(accessToken);
    return { status: 201, body: { accessToken, tokenType: 'Bearer', expiresIn: 900 } };
  }

  #write(url: URL, body: unknown): Reply {
    const [, , resource, encoded = ''] = url.pathname.split('/');
    const sku = decodeURIComponent(encoded);
    switch (resource) {
      case 'products':
        return this.#valid(Product, body, (product) => {
          this.products.set(sku, product);
          return { status: 201, body: { sku, ...product } };
        });
      case 'stock':
        return this.#valid(Receipt, body, ({ quantity }) => {
          this.#move(sku, quantity);
          return { status: 201, body: { sku } };
        });
      case 'orders':
        return this.#valid(Order, body, ({ placedAt, lines }) => this.#book(this.orders, placedAt, lines));
      case 'credit-notes':
        return this.#valid(CreditNote, body, ({ issuedAt, lines }) => this.#book(this.creditNotes, issuedAt, lines));
      default:
        return problem(404, 'not-found');
    }
  }

  #valid<T>(schema: z.ZodType<T>, body: unknown, then: (valid: T) => Reply): Reply {
    const result = schema.safeParse(body);
    return result.success ? then(result.data) : problem(400, 'validation-failed');
  }

  #book(into: Map<string, Booked>, at: string, lines: z.infer<typeof Lines>): Reply {
    if (lines.some(({ sku }) => this.quirks.hates?.includes(sku))) return problem(422, 'sku-disliked');
    if (lines.some(({ sku }) => this.quirks.chokesOn?.includes(sku))) return problem(500, 'internal-error');
    if (lines.some(({ sku }) => !this.products.has(sku))) return problem(422, 'product-unknown');
    const id = randomUUID();
    into.set(id, { id, status: 'pending', at, lines });
    this.onBooked(this.orders.size + this.creditNotes.size);
    return { status: 202, body: { id, status: 'pending' } };
  }

  #read(url: URL): Reply {
    const { pathname: path, searchParams: query } = url;
    if (path === '/v1/orders') return this.#list(this.orders, query, 'confirmed', -1);
    if (path === '/v1/credit-notes') return this.#list(this.creditNotes, query, 'booked', 1);
    if (path === '/v1/reports/sales') return ok({ data: reportDays(this.orders, this.creditNotes, this.quirks.skim ?? 0) });
    if (path === '/v1/payments/trial-balance') return ok(trialBalance(this.orders, this.creditNotes));
    const sku = decodeURIComponent(path.replace('/v1/stock/', ''));
    const onHand = this.stock.get(sku);
    if (onHand === undefined) return problem(404, 'not-found');
    return ok({ sku, onHand, reserved: 0, available: onHand });
  }

  /** Each look at the pending ones finds some of them done afterwards: progress that needs no clock. */
  #list(documents: Map<string, Booked>, query: URLSearchParams, done: string, sign: 1 | -1): Reply {
    const isPendingOnly = query.get('status') === 'pending';
    const all = [...documents.values()].filter(({ status }) => !isPendingOnly || status === 'pending');
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit') ?? 20);
    const data = all.slice(from, to).map(({ id, status }) => ({ id, status }));
    for (const document of isPendingOnly ? all.slice(0, 30) : []) {
      document.status = done;
      for (const { sku, quantity } of document.lines) this.#move(sku, quantity * sign);
    }
    return ok({ data, hasMore: to < all.length, nextCursor: to < all.length ? String(to) : null });
  }

  #move(sku: string, quantity: number): void {
    this.stock.set(sku, (this.stock.get(sku) ?? 0) + quantity);
  }
}

function ok(body: unknown): Reply {
  return { status: 200, body };
}

function problem(status: number, code: string): Reply {
  return { status, body: { type: 'about:blank', status, code, title: code, traceId: 'none' } };
}

/** A small seeded generator (a linear congruence; its high bits are random enough for mishaps). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
