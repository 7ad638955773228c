import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeDataFolder } from '../../lib/leftovers.mjs';

const NOT_THERE = 'nginx is not installed. It takes part when it is there: on Debian, apt-get install nginx-light.';

/** One process, since the others have one; bodies are passed on as they come, connections to the upstream are kept. */
const configuration = (folder, port, upstream) => `
  daemon off; master_process off; error_log stderr warn; pid ${folder}/pid;
  events { worker_connections 1024; }
  http {
    access_log off; keepalive_requests 1000000000; client_max_body_size 0;
    ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((it) => `${it}_temp_path ${folder}/${it};`).join(' ')}
    upstream app { server ${upstream}; keepalive 128; keepalive_requests 1000000000; }
    server {
      listen 127.0.0.1:${port} backlog=511;
      location / {
        proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_request_buffering off; proxy_buffering on; proxy_max_temp_file_size 0; client_body_buffer_size 64k; proxy_buffers 16 64k; proxy_buffer_size 64k; proxy_busy_buffers_size 128k;
      }
    }
  }`;

export async function contend() {
  let folder;
  let child;
  return {
    async open({ upstream }) {
      await promisify(execFile)('nginx', ['-v']).catch(() => { throw new Error(NOT_THERE); });
      folder = await mkdtemp(join(makeDataFolder(), 'nginx-'));
      const port = await freePort();
      await writeFile(join(folder, 'nginx.conf'), configuration(folder, port, new URL(upstream).host));
      child = spawn('nginx', ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: ['ignore', 'ignore', 'inherit'] });
      process.once('exit', endIt);
      const url = `http://127.0.0.1:${port}`;
      await answering(url, child);
      return { url };
    },
    async close() {
      process.removeListener('exit', endIt);
      if (child?.exitCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      child = undefined;
      if (folder) await rm(folder, { recursive: true, force: true });
    },
  };

  function endIt() {
    child?.kill('SIGKILL');
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function answering(url, child) {
  while (child.exitCode === null) {
    if (await fetch(url).then(() => true, () => false)) return;
    await sleep(20);
  }
  throw new Error(`nginx ended with ${child.exitCode}; what it said is above.`);
}
