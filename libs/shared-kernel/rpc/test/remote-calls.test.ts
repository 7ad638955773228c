import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientRMQ } from '@nestjs/microservices';
import { connect } from 'amqplib';
import { BanyanError, type ClientOf, DeadlineExceeded } from '../../contract/index.js';
import { deadlineIn, currentInput, runInput } from '../../runtime/index.js';
import { TcpProxy, type TestBroker, eventually, testBroker } from '../../testing/plain.js';
import { CallRefused, CallsServer, Dispatcher, Handles, RemoteCalls, RoutedTransport, ServiceIdentity, clientThrough } from '../index.js';
import { RoomTaken, type TwoContexts, hotels, twoContexts } from './two-contexts.js';

/** Believes whoever knows the word. */
class Word extends ServiceIdentity {
  constructor(private readonly word: string) { super(); }
  async tokenFor(app: string): Promise<string> { return `${this.word} ${app}`; }
  async verify(token: string): Promise<{ service: string }> {
    if (token !== `${this.word} hotels`) throw new CallRefused('Wrong word.');
    return { service: 'trips' };
  }
}

type Booking = { guest: string; wishes?: unknown };
let house: TwoContexts;
let broker: TestBroker;
let proxy: TcpProxy;
const servers = new Set<INestMicroservice>();
const callers = new Set<RemoteCalls>();

beforeAll(async () => {
  [house, broker] = await Promise.all([twoContexts(), testBroker()]);
  proxy = await TcpProxy.to(Number(new URL(broker.url).port || 5672));
});
afterEach(async () => {
  proxy.open();
  await Promise.all([...servers].map((it) => it.close()));
  await Promise.all([...callers].map((it) => it.stop()));
  servers.clear();
  callers.clear();
});
afterAll(async () => {
  const connection = await connect(broker.url);
  await (await connection.createChannel()).deleteQueue(`${broker.namespace}.calls.hotels`);
  await connection.close();
  await proxy.stop();
  await house.close();
});

interface Doing {
  book?(input: Booking): Promise<{ booking: string; wishes?: unknown }>;
  bookings?(): Promise<{ guests: string[] }>;
}

/** A process that handles what hotels are asked. */
async function process(doing: Doing, url = broker.url): Promise<INestMicroservice> {
  @Handles(hotels.commands.book)
  class Book { run = async (input: Booking) => doing.book?.(input) ?? { booking: 'b-1', wishes: input.wishes }; }
  @Handles(hotels.queries.bookings)
  class Bookings { run = async () => doing.bookings?.() ?? { guests: [] }; }
  @Handles(hotels.commands.forget)
  class Forget { run = async () => undefined; }
  const dispatcher = new Dispatcher();
  for (const handler of [new Book(), new Bookings(), new Forget()]) dispatcher.register(house.hotels, handler);
  class Hotels {}
  const strategy = new CallsServer({ url, namespace: broker.namespace, app: 'hotels', here: dispatcher, identity: new Word('please') });
  const server = await NestFactory.createMicroservice({ module: Hotels }, { strategy, logger: false });
  await server.listen();
  servers.add(server);
  return server;
}

function caller(word = 'please', url = broker.url): ClientOf<typeof hotels> {
  const remote = new RemoteCalls({ url, namespace: broker.namespace, identity: new Word(word) });
  callers.add(remote);
  return clientThrough(hotels, new RoutedTransport(new Dispatcher(), remote, { routeOf: (context) => ({ app: context }) }), house.trips);
}

const failure = async (doing: Promise<unknown>): Promise<string> => doing.then(() => 'done', (error: unknown) => (error instanceof BanyanError ? error.code : String(error)));

describe('a call to another process', () => {
  it('is answered as a local one would be', async () => {
    await process({ bookings: async () => ({ guests: ['Ada'] }) });
    const client = caller();
    expect(await client.book({ guest: 'Ada', wishes: { bed: [1, null, 'soft'] } }, { idempotencyKey: 'k-answer' })).toEqual({ booking: 'b-1', wishes: { bed: [1, null, 'soft'] } });
    expect(await client.bookings({})).toEqual({ guests: ['Ada'] });
    expect(await client.forget({ guest: 'Ada' }, { idempotencyKey: 'k-forget' })).toBeUndefined();
  });

  it('fails as a local one would: catalogued errors as themselves, others as internal', async () => {
    let error: Error = new RoomTaken('Taken by Bo.', { by: 'Bo' });
    await process({ book: async () => { throw error; } });
    const client = caller();
    const taken = await client.book({ guest: 'Ada' }, { idempotencyKey: 'k-taken' }).catch((it: unknown) => it);
    expect(taken).toBeInstanceOf(RoomTaken);
    expect(taken).toMatchObject({ message: 'Taken by Bo.', details: { by: 'Bo' } });
    error = new Error('secret');
    const broken = await client.book({ guest: 'Ada' }, { idempotencyKey: 'k-broken' }).catch((it: unknown) => it);
    expect(broken).toMatchObject({ code: 'internal' });
    expect(String(broken)).not.toContain('secret');
  });

  it('carries correlation, trace, tenant, who asks and how much time is left', async () => {
    const seen: unknown[] = [];
    await process({ bookings: async () => {
      const input = currentInput();
      seen.push({ correlationId: input?.correlationId, causationId: input?.causationId, traceId: input?.traceId, principal: input?.principal, tenant: input?.tenant, context: input?.context });
      expect(Number(input?.deadline) - Date.now()).toBeLessThan(5_001);
      return { guests: [] };
    } });
    const client = caller();
    let outer = '';
    await runInput({ correlationId: 'c-1', traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, principal: { id: 'ada', roles: ['staff'] }, tenant: 't-1', deadline: deadlineIn(5_000) }, async () => {
      outer = currentInput()?.inputId ?? '';
      await client.bookings({});
    });
    expect(seen).toEqual([{ correlationId: 'c-1', causationId: expect.any(String), traceId: 'a'.repeat(32), principal: { id: 'ada', roles: ['staff'] }, tenant: 't-1', context: 'hotels' }]);
    expect(outer).not.toBe('');
  });

  it('runs a command once, however often it is sent', async () => {
    let runs = 0;
    await process({ book: async () => { runs += 1; return { booking: `b-${runs}` }; } });
    const client = caller();
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.book({ guest: 'Ada' }, { idempotencyKey: 'k-once' })));
    expect(new Set(answers.map((it) => it.booking))).toEqual(new Set(['b-1']));
  });

  it('gives up at its deadline', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    await process({ bookings: async () => { await promise; return { guests: [] }; } });
    const client = caller();
    const asked = await runInput({ deadline: deadlineIn(300) }, () => client.bookings({})).catch((it: unknown) => it);
    resolve();
    expect(asked).toBeInstanceOf(DeadlineExceeded);
  });

  it('is not run any more when nobody waits for it', async () => {
    const guests: string[] = [];
    const client = caller();
    expect(await failure(runInput({ deadline: deadlineIn(200) }, () => client.book({ guest: 'late' }, { idempotencyKey: 'k-late' })))).toBe('maybe-executed');
    await process({ book: async ({ guest }) => { guests.push(guest); return { booking: 'b' }; } });
    await client.book({ guest: 'in time' }, { idempotencyKey: 'k-in-time' });
    expect(guests).toEqual(['in time']);
  });

  it('is refused when it does not come from a service of the house', async () => {
    await process({ bookings: async () => { throw new Error('It got in.'); } });
    expect(await failure(caller('let me in').bookings({}))).toBe('call-refused');
  });

  it('is shared by the processes of an app', async () => {
    const hits = { one: 0, other: 0 };
    await process({ bookings: async () => { hits.one += 1; return { guests: [] }; } });
    await process({ bookings: async () => { hits.other += 1; return { guests: [] }; } });
    const client = caller();
    await Promise.all(Array.from({ length: 40 }, () => client.bookings({})));
    expect(Math.min(hits.one, hits.other)).toBeGreaterThan(0);
  });

  it('goes through when the connection is cut while it is under way', async () => {
    let cut = false;
    await process({ book: async ({ guest }) => {
      if (!cut) {
        cut = true;
        proxy.close();
        setImmediate(() => proxy.open());
      }
      return { booking: guest };
    } });
    const client = caller('please', proxy.through(broker.url));
    await client.bookings({});
    expect(await client.book({ guest: 'Ada' }, { idempotencyKey: 'k-cut' })).toEqual({ booking: 'Ada' });
    expect(cut).toBe(true);
  }, 20_000);

  it('fails honestly while the broker is away, and goes through when it is back', async () => {
    await process({});
    const client = caller('please', proxy.through(broker.url));
    await client.bookings({});
    proxy.close();
    await eventually(async () => { expect(await failure(runInput({ deadline: deadlineIn(2_000) }, () => client.bookings({})))).toBe('unavailable'); });
    proxy.open();
    await eventually(async () => { expect(await failure(client.bookings({}))).toBe('done'); });
  }, 40_000);
});

describe('a channel', () => {
  afterEach(() => { jest.restoreAllMocks(); });

  /** Does something once, while the channel of a server or of a client is being set up. */
  function onceInSetup(of: { setupChannel: CallsServer['setupChannel'] }, act: () => void): () => boolean {
    const setUp = of.setupChannel;
    let acted = false;
    jest.spyOn(of, 'setupChannel').mockImplementation(function setupChannel(this: CallsServer, ...args) {
      const doing = setUp.apply(this, args);
      if (!acted) act();
      acted = true;
      return doing;
    });
    return () => acted;
  }

  it.each([{ of: CallsServer, who: 'whoever answers' }, { of: ClientRMQ, who: 'whoever asks' }])('that is cut while $who sets it up is made again, and nobody dies of it', async ({ of }) => {
    const cut = onceInSetup(of.prototype, () => { proxy.cut(); });
    await process({}, of === CallsServer ? proxy.through(broker.url) : broker.url);
    const client = caller('please', of === ClientRMQ ? proxy.through(broker.url) : broker.url);
    await eventually(async () => { expect(await failure(client.bookings({}))).toBe('done'); });
    expect(cut()).toBe(true);
  }, 20_000);

  it('that is still being set up when the process stops is left alone', async () => {
    const first = await process({}, proxy.through(broker.url));
    const stopping = Promise.withResolvers<void>();
    onceInSetup(CallsServer.prototype, () => { servers.delete(first); stopping.resolve(first.close()); });
    proxy.cut();
    await stopping.promise;
    await process({});
    expect(await failure(caller().bookings({}))).toBe('done');
  }, 20_000);

  it('whose queue is deleted is made again with its queue', async () => {
    await process({});
    const client = caller();
    await client.bookings({});
    const connection = await connect(broker.url);
    await (await connection.createChannel()).deleteQueue(`${broker.namespace}.calls.hotels`);
    await connection.close();
    await eventually(async () => { expect(await failure(runInput({ deadline: deadlineIn(2_000) }, () => client.bookings({})))).toBe('done'); });
  }, 20_000);
});

describe('a process that stops', () => {
  it('answers what it has begun, and leaves the rest to the next one', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let begun = 0;
    const first = await process({ book: async ({ guest }) => { begun += 1; await gate; return { booking: guest }; } });
    const client = caller();
    const calls = Array.from({ length: 200 }, (_, at) => client.book({ guest: `guest ${at}` }, { idempotencyKey: `k-stop-${at}` }));
    await eventually(() => { expect(begun).toBeGreaterThan(4); });
    servers.delete(first);
    const stopping = first.close();
    open();
    await stopping;
    await process({ book: async ({ guest }) => ({ booking: guest }) });
    expect((await Promise.all(calls)).map((it) => it.booking)).toEqual(Array.from({ length: 200 }, (_, at) => `guest ${at}`));
  }, 30_000);
});
