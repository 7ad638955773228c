// The process that requests are sent on to. It answers with what it was sent, after it has looked at every byte of it.
import { createServer } from 'node:http';
import { pathToFileURL } from 'node:url';
import { answeredWith, bodies, paths, sentAlong } from './payloads.mjs';

const sizes = new Map(Object.entries(paths).map(([size, path]) => [path, Buffer.from(bodies[size])]));

/** @returns {Promise<{ url: string, requests: () => number, close: () => void }>} requests: those that were right, since it was last asked */
export async function openUpstream() {
  let right = 0;
  const server = createServer((request, response) => {
    const expected = sizes.get(request.url);
    let at = 0;
    let isRight = expected !== undefined && request.method === 'POST' && Object.entries(sentAlong).every(([name, value]) => request.headers[name] === value);
    request.on('data', (chunk) => {
      isRight &&= chunk.equals(expected.subarray(at, at + chunk.length));
      at += chunk.length;
    });
    request.on('end', () => {
      isRight &&= at === expected.length;
      if (isRight) right += 1;
      if (isRight) response.writeHead(200, { ...answeredWith, 'content-length': expected.length }).end(expected);
      else response.writeHead(400).end();
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => { server.once('listening', resolve); });
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests: () => {
      const seen = right;
      right = 0;
      return seen;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const upstream = await openUpstream();
  process.on('message', () => process.send({ requests: upstream.requests() }));
  process.once('disconnect', () => process.exit(0));
  process.on('SIGINT', () => undefined); // the terminal tells everyone; the bench decides
  process.send({ url: upstream.url });
}
