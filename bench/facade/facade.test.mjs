import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { problemIn } from '../lib/load.mjs';
import { withDatabase } from '../lib/test-database.mjs';
import { allArrived, answersRightly } from './check.mjs';
import { answeredWith, bodies, paths } from './payloads.mjs';
import { openUpstream } from './upstream.mjs';

let upstream;
before(async () => { upstream = await openUpstream(); });
after(() => upstream.close());

test('bodies are as large as the page says', () => {
  assert.deepEqual([bodies.small.length, bodies.large.length], [200, 1_000_000]);
});

test('a proxy by hand passes what is checked', async () => {
  const { contend } = await import('./contenders/undici.mjs');
  await passes(await contend(), {});
});

test('ours passes what is checked, alone and in an app, with its context elsewhere and here', async () => {
  await withDatabase(async (database) => {
    const [alone, inApp] = [await import('./contenders/banyan.mjs'), await import('./contenders/banyan-in-app.mjs')];
    await passes(await alone.contend(), { route: 'remote', database: await database() });
    await passes(await inApp.contend(), { route: 'remote', database: await database() });
    const embedded = await alone.contend();
    const { url } = await embedded.open({ route: 'embedded', database: await database() });
    await answersRightly(url, 'small', { isSentOn: false });
    await embedded.close();
    assert.equal(upstream.requests(), 0);
  });
});

async function passes(contender, place) {
  const { url } = await contender.open({ ...place, upstream: upstream.url });
  for (const size of ['small', 'large']) await answersRightly(url, size, { isSentOn: true });
  allArrived(upstream.requests(), 2);
  await contender.close();
}

test('who damages, shortens or forgets something is found out', async () => {
  const faults = [
    { what: 'another body', answer: (response) => response.writeHead(200, answeredWith).end(bodies.small.replace('a', 'b')), expected: /another body/ },
    { what: 'half of it', answer: (response) => response.writeHead(200, answeredWith).end(bodies.small.slice(100)), expected: /another body/ },
    { what: 'no headers', answer: (response) => response.writeHead(200, {}).end(bodies.small), expected: /without the headers content-type, x-bench-answer/ },
    { what: 'an error', answer: (response) => response.writeHead(502).end('away'), expected: /answers 502/ },
  ];
  for (const { answer, expected } of faults) {
    const server = createServer((request, response) => { request.resume().on('end', () => answer(response)); }).listen(0, '127.0.0.1');
    await new Promise((resolve) => { server.once('listening', resolve); });
    await assert.rejects(answersRightly(`http://127.0.0.1:${server.address().port}`, 'small', { isSentOn: true }), expected);
    server.close();
    server.closeAllConnections();
  }
});

test('the upstream counts only what arrived as it was sent', async () => {
  const answer = await fetch(new URL(paths.small, upstream.url), { method: 'POST', headers: { 'content-type': 'application/json' }, body: bodies.small });
  assert.deepEqual([answer.status, upstream.requests()], [400, 0]);
  assert.throws(() => allArrived(0, 1), /Of 1 requests 0 arrived whole/);
});

test('one error among many requests and there is no figure', () => {
  const good = { '2xx': 100, non2xx: 0, errors: 0, timeouts: 0, mismatches: 0 };
  assert.equal(problemIn(good, 100), undefined);
  for (const bad of [{ '2xx': 99 }, { non2xx: 1 }, { errors: 1 }, { timeouts: 1 }, { mismatches: 1 }]) assert.match(problemIn({ ...good, ...bad }, 100), /^Of 100 requests/);
});
