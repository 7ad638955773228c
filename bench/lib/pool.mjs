import { Pool } from 'pg';

/** Connections for a peer. A lost idle one is no news here: the pool has thrown it away. @param {string} url @param {number} max */
export function openPool(url, max) {
  const pool = new Pool({ connectionString: url, max });
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
