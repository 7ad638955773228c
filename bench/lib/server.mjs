import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { cpuSeconds, parentOf } from './cpu.mjs';
import { makeDataFolder, removeLeftOvers } from './leftovers.mjs';
import { kernel } from './product.mjs';

/**
 * The one PostgreSQL of a bench, durable as in production: every contender gets an empty database on it for each
 * part of each run, under the same settings.
 */
export class Server {
  #embedded;
  #admin;
  #made = 0;
  #pid;

  /** @param {string} bench */
  static async start(bench) {
    const { startEmbeddedDatabase } = await kernel('persistence');
    const server = new Server();
    await removeLeftOvers(startEmbeddedDatabase);
    server.dataDir = join(makeDataFolder(), bench);
    server.#embedded = await startEmbeddedDatabase({ dataDir: server.dataDir, durable: true });
    server.#admin = new Client({ connectionString: server.#embedded.url, application_name: 'bench' });
    await server.#admin.connect();
    const { rows: [backend] } = await server.#admin.query('SELECT pg_backend_pid() AS pid');
    server.#pid = parentOf(backend.pid);
    return server;
  }

  async version() {
    const { rows } = await this.#admin.query('SHOW server_version');
    return rows[0].server_version;
  }

  /** CPU seconds that all of PostgreSQL has used so far; undefined where nobody can tell. */
  cpuSeconds() {
    return this.#pid === undefined ? undefined : cpuSeconds(this.#pid);
  }

  /** @param {string} contender @returns {Promise<{ name: string, url: string }>} */
  async createDatabase(contender) {
    this.#made += 1;
    const name = `bench_${contender.replaceAll('-', '_')}_${this.#made}`;
    await this.#admin.query(`CREATE DATABASE ${escapeIdentifier(name)}`);
    await this.#admin.query('CHECKPOINT'); // so that nobody pays for what the one before has written
    const url = new URL(this.#embedded.url);
    url.pathname = `/${name}`;
    return { name, url: url.href };
  }

  /** Whatever is still connected is cut off; a replication slot would keep the database, so it goes first. @param {string} name */
  async dropDatabase(name) {
    const { rows: slots } = await this.#admin.query('SELECT slot_name AS slot FROM pg_replication_slots WHERE database = $1', [name]);
    for (const { slot } of slots) await this.#dropSlot(slot);
    await this.#admin.query(`DROP DATABASE ${escapeIdentifier(name)} WITH (FORCE)`);
  }

  /** A slot can only be dropped when the one who read it has gone, which takes a moment. */
  async #dropSlot(slot) {
    for (let patience = 500; patience > 0; patience -= 1) {
      const { rows: [left] } = await this.#admin.query('SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = $1 AND active', [slot]);
      if (!left) break;
      await sleep(10);
    }
    await this.#admin.query('SELECT pg_drop_replication_slot($1)', [slot]);
  }

  /**
   * Keeps a transaction open in the database during the work, with an id and a snapshot of its own: what has died
   * since cannot be cleaned away, and no later transaction is older than every running one.
   * @param {string} url @param {() => Promise<T>} work @template T
   */
  async whileHeld(url, work) {
    return this.look(url, async (holder) => {
      await holder.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      await holder.query('SELECT pg_current_xact_id()');
      const result = await work();
      await holder.query('ROLLBACK');
      return result;
    });
  }

  /** @param {string} url @param {(client: Client) => Promise<T>} look @template T */
  async look(url, look) {
    const client = new Client({ connectionString: url, application_name: 'bench' });
    client.on('error', () => undefined); // the statement under way fails with it
    await client.connect();
    try {
      return await look(client);
    } finally {
      await client.end();
    }
  }

  async stop() {
    await this.#admin.end();
    await this.#embedded.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
