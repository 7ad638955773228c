import { once } from 'node:events';
import { createServer } from 'node:http';
import { Pool } from 'undici';

/** The least that one would write by hand: no deadline, no retry, no header of its own, no answer when the upstream is away. */
export async function contend() {
  let server;
  let pool;
  return {
    async open({ upstream }) {
      pool = new Pool(upstream, { connections: 128, pipelining: 1 });
      server = createServer((request, response) => {
        const { host: _host, connection: _connection, ...headers } = request.headers;
        pool.stream({ method: request.method, path: request.url, headers, body: request }, ({ statusCode, headers: answered }) => {
          const { connection: _its, 'keep-alive': _own, ...rest } = answered;
          return response.writeHead(statusCode, rest);
        }).catch(() => response.destroy());
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return { url: `http://127.0.0.1:${server.address().port}` };
    },
    async close() {
      server?.close();
      server?.closeAllConnections();
      await pool?.close();
      server = undefined;
      pool = undefined;
    },
  };
}
