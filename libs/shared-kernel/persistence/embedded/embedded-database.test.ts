import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, readdir, readlink, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { scratchFolder } from '../../testing/scratch.js';
import { type EmbeddedDatabase, openDatabase, provisionContext, startEmbeddedDatabase } from '../index.js';

const HOLDER = new URL('./holder.fixture.ts', import.meta.url).pathname;
const TYPESCRIPT = new URL('../../testing/typescript.mjs', import.meta.url).href;

const run = promisify(execFile);

/** What a first start has made. To make it is a second of work, to copy it is not: only tests about the first start do it again. */
let used: string;
let dataDir: string;
let cleanUps: Array<() => unknown>;

async function newDataDir(): Promise<string> {
  const parent = await mkdtemp(join(scratchFolder(), `banyan-test-${process.pid}-`)); // the next run removes it if this one is killed
  await chmod(parent, 0o755);
  return join(parent, '.data');
}

const remove = (folder: string) => rm(join(folder, '..'), { recursive: true, force: true });

beforeAll(async () => {
  used = await newDataDir();
  await (await startEmbeddedDatabase({ dataDir: used, durable: false })).stop();
});
afterAll(() => remove(used));

beforeEach(async () => {
  const folder = await newDataDir();
  dataDir = folder;
  cleanUps = [() => remove(folder)];
});

afterEach(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp();
});

/** The data folder as a first start and a stop leave it, with owners, modes and the log. */
async function usedBefore(): Promise<void> {
  await run('cp', ['-a', used, dataDir]);
}

async function start(): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedDatabase({ dataDir, durable: false, retryMs: 20 });
  cleanUps.push(() => database.stop());
  return database;
}

/** Starts another process that holds the database; resolves with its URL. */
async function startHolder(): Promise<{ holder: ChildProcess; url: string }> {
  const holder = spawn(process.execPath, ['--import', TYPESCRIPT, HOLDER, dataDir], { env: { ...process.env, NODE_OPTIONS: '' }, stdio: ['pipe', 'pipe', 'inherit'] });
  cleanUps.push(() => holder.kill('SIGKILL'));
  let said = '';
  for await (const chunk of holder.stdout) {
    said += String(chunk);
    const url = /^postgres:\S+$/m.exec(said)?.[0];
    if (url) return { holder, url };
  }
  throw new Error(`The process ended: ${said}`);
}

async function ask<T extends object>(url: string, sql: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

const serverPid = async () => Number((await readFile(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8')).split('\n')[0]);

/** PostgreSQL and all its helpers work in the data directory. */
async function serversLeft(): Promise<string[]> {
  const cluster = join(dataDir, 'postgres');
  const folders = await Promise.all((await readdir('/proc')).filter((it) => /^\d+$/.test(it)).map((pid) => readlink(`/proc/${pid}/cwd`).catch(() => '')));
  return folders.filter((folder) => folder === cluster);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

describe('the embedded database', () => {
  it('is a PostgreSQL 18 that can replicate logically, listens on this machine alone and sorts the same everywhere', async () => {
    await usedBefore();
    const { url } = await start();
    const [server] = await ask(url, `select current_setting('server_version_num')::int / 10000 as version, current_setting('wal_level') as wal,
      current_setting('listen_addresses') as addresses, current_setting('server_encoding') as encoding,
      (select concat(datlocprovider, ' ', datlocale) from pg_database where datname = current_database()) as locale`);
    expect(server).toEqual({ version: 18, wal: 'logical', addresses: '127.0.0.1', encoding: 'UTF8', locale: 'b C.UTF-8' });
    await expect(ask(url.replace(/:[^:@]+@/, ':guess@'), 'select')).rejects.toThrow('password authentication failed');
  });

  it('keeps its data and its URL over a stop, which leaves no process behind', async () => {
    await usedBefore();
    const first = await start();
    await ask(first.url, 'create table kept as select 1 as n');
    await first.stop();
    expect(await serversLeft()).toEqual([]);
    const second = await start();
    expect(second.url).toBe(first.url);
    expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  it('keeps its password where only its owner can read it', async () => {
    await usedBefore();
    const { url } = await start();
    const password = new URL(url).password;
    const file = join(dataDir, 'postgres', 'banyan.json');
    expect(await readFile(file, 'utf8')).toContain(password);
    expect((await stat(file)).mode & 0o077).toBe(0);
    expect(await readFile(join(dataDir, 'postgres.log'), 'utf8')).not.toContain(password);
  });

  it('outlives an app that is killed, and the next start takes it as it runs', async () => {
    await usedBefore();
    const { holder, url } = await startHolder();
    const pid = await serverPid();
    await ask(url, 'create table kept as select 1 as n');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    const adopted = await start();
    expect(adopted.url).toBe(url);
    expect(await serverPid()).toBe(pid);
    expect(await ask(adopted.url, 'select n from kept')).toEqual([{ n: 1 }]);
    await adopted.stop();
    expect(await serversLeft()).toEqual([]);
  });

  it('is one and the same for processes that start on an empty folder at the same time', async () => {
    const holders = await Promise.all([startHolder(), startHolder(), startHolder()]);
    expect(new Set(holders.map(({ url }) => url)).size).toBe(1);
    expect((await readdir(dataDir)).sort()).toEqual(['postgres', 'postgres.log']);
  });

  it('goes on for another app when one stops it, and ends with the last one', async () => {
    await usedBefore();
    const { holder, url } = await startHolder();
    await (await start()).stop();
    expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }]);
    holder.kill('SIGTERM');
    await once(holder, 'exit');
    expect(await serversLeft()).toEqual([]);
  });

  it('comes back by itself at the same URL when it is killed, with all that was committed', async () => {
    await usedBefore();
    const { url } = await start();
    const { url: own } = await provisionContext({ adminUrl: url, name: 'notes', migrations: [{ name: '0001-initial', sql: 'create table note (id int)' }] });
    const database = await openDatabase({ context: 'notes', url: own, applicationName: 'test' });
    cleanUps.push(() => database.close());
    await database.query('insert into note values ($1)', [1]);
    const killed = await serverPid();
    process.kill(killed, 'SIGKILL');
    await until(() => ask(url, 'select').then(async () => await serverPid() !== killed, () => false));
    await until(() => database.query('insert into note values ($1)', [2]).then(() => true, () => false));
    expect(await database.query('select id from note order by id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it('says so when it cannot be brought back, and comes back when it can', async () => {
    await usedBefore();
    const database = await start();
    const lost = new Promise<Error>((tell) => { database.onLost(tell); });
    await rename(join(dataDir, 'postgres'), join(dataDir, 'away'));
    process.kill(Number((await readFile(join(dataDir, 'away', 'postmaster.pid'), 'utf8')).split('\n')[0]), 'SIGKILL');
    expect(await lost).toEqual(expect.objectContaining({ code: 'database-folder-unusable' }));
    await rename(join(dataDir, 'away'), join(dataDir, 'postgres'));
    await until(() => ask(database.url, 'select').then(() => true, () => false));
  });

  it('starts although its last process id belongs to some other program now', async () => {
    await usedBefore();
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    await writeFile(file, `${process.pid}\n${join(dataDir, 'postgres')}\n1700000000\n5432\n\n127.0.0.1\n  1234567  1\nready   \n`, { mode: 0o666 });
    expect(await ask((await start()).url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('takes another port when somebody else has taken its own', async () => {
    await usedBefore();
    const first = await start();
    await first.stop();
    const squatter = createServer().listen(Number(new URL(first.url).port), '127.0.0.1');
    await once(squatter, 'listening');
    cleanUps.push(() => squatter.close());
    const second = await start();
    expect(new URL(second.url).port).not.toBe(new URL(first.url).port);
    await ask(second.url, 'select');
  });

  it('works in a folder that only we may enter', async () => {
    await chmod(join(dataDir, '..'), 0o700);
    expect(await ask((await start()).url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});

describe('a data folder that cannot be used', () => {
  const unusable = (reason: string) => expect.objectContaining({ code: 'database-folder-unusable', message: expect.stringContaining(reason) });

  async function made(): Promise<string> {
    await usedBefore();
    return join(dataDir, 'postgres');
  }

  it.each([
    ['holds something else', 'is not a PostgreSQL data directory', async () => {
      await mkdir(join(dataDir, 'postgres'), { recursive: true });
      await writeFile(join(dataDir, 'postgres', 'garbage'), 'x');
    }],
    ['was made by another version', 'was made by PostgreSQL 15, and this is PostgreSQL 18', async () => { await writeFile(join(await made(), 'PG_VERSION'), '15\n'); }],
    ['has lost its password', 'banyan.json', async () => { await rm(join(await made(), 'banyan.json')); }],
    ['is damaged', 'could not open file', async () => { await rm(join(await made(), 'global', 'pg_control')); }],
    ['is a file', 'EEXIST', async () => { await writeFile(dataDir, ''); }],
    ['may not be read', 'permission', async () => { await chmod(await made(), 0o777); }],
  ])('is refused when it %s, with the way out', async (_, reason, breakIt) => {
    await breakIt();
    const starting = start();
    await expect(starting).rejects.toEqual(unusable(reason));
    await expect(starting).rejects.toEqual(unusable(`mv ${dataDir} ${dataDir}.broken`));
    expect(await serversLeft()).toEqual([]);
  });
});
