import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, type Server, type ServerResponse, createServer, request as send } from 'node:http';
import { type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BanyanError } from '../contract/index.js';
import { deadlineIn, runInput } from '../runtime/index.js';
import { eventually } from '../testing/index.js';
import type { Instance } from './instances.js';
import { Proxy } from './proxy.js';

const open: Server[] = [];
let proxy: Proxy;
beforeEach(() => { proxy = new Proxy(); });
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await proxy.stop();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  open.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const instance = (url: string): Instance => ({ serves: true, id: url, app: 'payments', url });

/** A process that sends everything on, after a turn like the hook's; answers what the proxy throws with its code. */
function facade(instances: () => string[], deadlineMs = 5_000, before: (response: ServerResponse) => void = () => undefined): Promise<string> {
  return listen(async (request, response) => {
    before(response);
    await Promise.resolve();
    void runInput({ correlationId: 'c-1', deadline: deadlineIn(deadlineMs) }, () => proxy.forward({
      context: 'payments', request, response, instances: instances().map(instance), app: 'payments', serviceToken: 'token',
    }).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(error instanceof BanyanError ? error.definition.http : 500).end(error instanceof BanyanError ? error.code : String(error));
    }));
  });
}

const body = async (request: IncomingMessage): Promise<string> => text(request);

describe('a request that is sent on', () => {
  it('arrives with its method, path, body and headers, and what the hop adds', async () => {
    const seen: { method?: string | undefined; url?: string | undefined; headers?: IncomingMessage['headers']; body?: string }[] = [];
    const upstream = await listen(async (request, response) => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body: await body(request) });
      response.writeHead(201, { 'x-made': 'here', 'content-type': 'text/plain' }).end('done');
    });
    const url = await facade(() => [upstream]);
    const answer = await fetch(`${url}/v1/payments?a=1`, { method: 'POST', body: 'hello', headers: { authorization: 'Bearer me', 'x-own': 'kept', connection: 'keep-alive' } });
    expect([answer.status, answer.headers.get('x-made'), await answer.text()]).toEqual([201, 'here', 'done']);
    expect(seen[0]).toMatchObject({
      method: 'POST', url: '/v1/payments?a=1', body: 'hello',
      headers: { authorization: 'Bearer me', 'x-own': 'kept', 'x-banyan-service-token': 'token', 'x-correlation-id': 'c-1', 'x-forwarded-for': '127.0.0.1', traceparent: expect.stringMatching(/^00-/) },
    });
    expect(Number(seen[0]?.headers?.['x-banyan-deadline-ms'])).toBeLessThanOrEqual(5_000);
  });

  it('keeps what was said of its answer before it was sent on', async () => {
    const there = await listen((_request, response) => { response.setHeader('x-there', '1').end('there'); });
    const url = await facade(() => [there], 5_000, (response) => { response.setHeader('X-Banyan-Degraded', 'session-status'); });
    const { headers } = await fetch(url);
    expect([headers.get('x-banyan-degraded'), headers.get('x-there')]).toEqual(['session-status', '1']);
  });

  it('streams in both directions: the answer begins before the request has ended', async () => {
    const upstream = await listen((request, response) => {
      response.writeHead(200);
      request.on('data', (chunk: Buffer) => response.write(`got ${chunk.toString()};`));
      request.on('end', () => response.end('end'));
    });
    const url = await facade(() => [upstream]);
    const going = send(`${url}/`, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } });
    going.write('one');
    const [answer] = await once(going, 'response') as [IncomingMessage];
    const chunks: string[] = [];
    answer.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await eventually(() => { expect(chunks.join('')).toBe('got one;'); });
    going.end('two');
    await once(answer, 'end');
    expect(chunks.join('')).toBe('got one;got two;end');
  });

  it('carries a megabyte each way unharmed', async () => {
    const upstream = await listen((request, response) => { request.pipe(response); });
    const url = await facade(() => [upstream]);
    const big = 'x'.repeat(1024 * 1024);
    expect(await (await fetch(url, { method: 'PUT', body: big })).text()).toBe(big);
  });

  it('waits for a client that reads slowly, and loses nothing', async () => {
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    const upstream = await listen((_request, response) => {
      const more = (): void => {
        while (sent < 32 && !response.writableNeedDrain) { response.write(chunk); sent += 1; }
        if (sent === 32) response.end();
      };
      response.on('drain', more);
      more();
    });
    const going = send(await facade(() => [upstream]));
    going.end();
    const [answer] = await once(going, 'response') as [IncomingMessage];
    let received = 0;
    await eventually(() => { expect(sent).toBeGreaterThan(0); });
    for await (const it of answer) received += (it as Buffer).length;
    expect(received).toBe(32 * chunk.length);
  });

  it('may bring a body in pieces', async () => {
    const upstream = await listen(async (request, response) => { response.end(await body(request)); });
    const going = send(await facade(() => [upstream]), { method: 'POST', headers: { 'content-length': '6' } });
    going.write('one');
    await new Promise((resolve) => { setImmediate(resolve); });
    going.end('two');
    const [answer] = await once(going, 'response') as [IncomingMessage];
    expect(await body(answer)).toBe('onetwo');
  });

  it('is ended there when the client goes away here', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const upstream = await listen((_request, response) => { response.on('close', resolve); begin(); });
    const url = await facade(() => [upstream]);
    const client = send(url);
    client.on('error', () => undefined);
    client.end();
    await begun;
    client.destroy();
    await expect(gone).resolves.toBeUndefined();
  });

  it('breaks off here when the answer breaks off there, and does not look complete', async () => {
    const upstream = await listen((_request, response) => {
      response.writeHead(200);
      response.write('half');
      setImmediate(() => response.destroy());
    });
    const url = await facade(() => [upstream]);
    await expect(fetch(url).then((it) => it.text())).rejects.toThrow('terminated');
  });
});

describe('a process that is sent to', () => {
  const named = (name: string) => (_request: IncomingMessage, response: ServerResponse): void => { response.end(name); };

  it('is the one with the least under way', async () => {
    const held: ServerResponse[] = [];
    const [slow, quick] = [await listen((_request, response) => { held.push(response); }), await listen(named('quick'))];
    const url = await facade(() => [slow, quick]);
    const waiting = [fetch(url), fetch(url)];
    await eventually(() => { expect(held.length).toBeGreaterThan(0); });
    for (let n = 0; n < 5; n += 1) expect(await (await fetch(url)).text()).toBe('quick');
    for (const response of held) response.end('slow');
    await Promise.all(waiting);
  });

  it('is passed over when it takes no connections, and what it would have got goes to another', async () => {
    const there = await listen(named('there'));
    const url = await facade(() => ['http://127.0.0.1:1', there]);
    for (let n = 0; n < 5; n += 1) expect(await (await fetch(url)).text()).toBe('there');
  });

  it('is passed over together with a body that has come already', async () => {
    const there = await listen(async (request, response) => { response.end(await body(request)); });
    const url = await facade(() => ['http://127.0.0.1:1', there]);
    expect(await (await fetch(url, { method: 'POST', body: 'pay' })).text()).toBe('pay');
  });

  it('is the only one: then the answer is an honest 503', async () => {
    const nobody = await facade(() => []);
    expect([(await fetch(nobody)).status, await (await fetch(nobody)).text()]).toEqual([503, 'no-instance']);
    const refused = await facade(() => ['http://127.0.0.1:1']);
    expect(await (await fetch(refused, { method: 'POST', body: 'x' })).text()).toBe('no-instance');
  });

  it('does not answer in time: 504, and after three of those it rests', async () => {
    let asked = 0;
    const hung = await listen(() => { asked += 1; });
    const there = await listen(named('there'));
    let instances = [hung];
    const url = await facade(() => instances, 100);
    for (let n = 0; n < 3; n += 1) expect((await fetch(url)).status).toBe(504);
    instances = [hung, there];
    for (let n = 0; n < 10; n += 1) expect(await (await fetch(url)).text()).toBe('there');
    expect(asked).toBe(3);
  });

  it('dies in the middle of a read: another one answers it', async () => {
    const [dying, there] = [await listen((request) => { request.socket.destroy(); }), await listen(named('there'))];
    for (let n = 0; n < 4; n += 1) {
      const url = await facade(() => [dying, there]);
      expect(await (await fetch(url)).text()).toBe('there');
    }
    const alone = await facade(() => [dying]);
    expect([(await fetch(alone)).status, await (await fetch(alone)).text()]).toEqual([503, 'no-instance']);
  });

  it('dies in the middle of a write: nothing is sent again, for it may have run', async () => {
    let asked = 0;
    const dying = await listen((request) => { asked += 1; request.socket.destroy(); });
    const url = await facade(() => [dying, `${dying}/`]);
    const answer = await fetch(url, { method: 'POST', body: 'pay' });
    expect([answer.status, asked]).toEqual([503, 1]);
  });
});
