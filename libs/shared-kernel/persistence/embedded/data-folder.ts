import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, realpath, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { codeOf } from '../error-parts.js';
import { findBinaries } from './binaries.js';
import { explainFolderError, folderUnusable } from './folder-unusable.js';
import { type ClusterPlace, makeCluster, removeAbandoned } from './make-cluster.js';
import { writePrivate } from './process.js';
import { chooseServerUser } from './server-user.js';

const connectionSchema = z.strictObject({ port: z.int().min(1).max(65535), password: z.string().min(16) });
/** How to reach the server of a folder. Kept inside the folder (mode 0600), so that data and password cannot be parted. */
export type Connection = z.output<typeof connectionSchema>;

/** A folder that PostgreSQL can be started on. */
export interface DataFolder extends ClusterPlace {
  readonly log: string;
}

/**
 * Opens the data folder, making the cluster when there is none. Several processes may do so at once: each makes a
 * cluster of its own beside it and renames it into place; the first one wins, the others take the winner's.
 * @throws DatabaseFolderUnusable, EmbeddedDatabaseUnavailable
 */
export async function openDataFolder(dataDir: string, durable: boolean): Promise<DataFolder> {
  try {
    return await open(dataDir, durable);
  } catch (error) {
    throw explainFolderError(dataDir, error);
  }
}

async function open(dataDir: string, durable: boolean): Promise<DataFolder> {
  await mkdir(dataDir, { recursive: true });
  const home = await realpath(dataDir);
  const cluster = join(home, 'postgres');
  const binaries = await findBinaries();
  const user = await chooseServerUser(await stat(cluster).catch(ignoreMissing), [dirname(await realpath(binaries.postgres)), home]);
  const folder = { dataDir, cluster, log: join(home, 'postgres.log'), binaries, user };
  await removeAbandoned(home);
  if (await isEmpty(cluster)) {
    const connection = { port: await freePort(), password: randomBytes(24).toString('base64url') };
    await makeCluster(folder, JSON.stringify(connection), connection.password, durable);
  }
  await checkVersion(folder);
  return folder;
}

/** @throws DatabaseFolderUnusable when the file is missing or is not ours */
export async function readConnection(folder: DataFolder): Promise<Connection> {
  const raw = await readFile(connectionFile(folder), 'utf8').catch((error: unknown) => { throw explainFolderError(folder.dataDir, error); });
  try {
    return connectionSchema.parse(JSON.parse(raw));
  } catch {
    throw folderUnusable(folder.dataDir, `${connectionFile(folder)}, which holds the port and the password, is damaged.`);
  }
}

/** Notes another port, for when somebody else has taken the old one. */
export async function storeConnection(folder: DataFolder, connection: Connection): Promise<void> {
  const draft = `${connectionFile(folder)}.${process.pid}`;
  await writePrivate(draft, JSON.stringify(connection), folder.user);
  await rename(draft, connectionFile(folder));
}

/** A TCP port of 127.0.0.1 that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done, failed) => { server.once('error', failed).listen(0, '127.0.0.1', done); });
  const address = server.address();
  await new Promise((done) => { server.close(done); });
  if (!address || typeof address === 'string') throw new Error('The operating system gave no TCP port.');
  return address.port;
}

function connectionFile({ cluster }: Pick<DataFolder, 'cluster'>): string {
  return join(cluster, 'banyan.json');
}

async function checkVersion({ dataDir, cluster, binaries }: DataFolder): Promise<void> {
  const files = await readdir(cluster);
  if (!files.includes('PG_VERSION')) throw folderUnusable(dataDir, `${cluster} is not a PostgreSQL data directory.`);
  const made = (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  if (made !== binaries.major) {
    throw folderUnusable(dataDir, `${cluster} was made by PostgreSQL ${made}, and this is PostgreSQL ${binaries.major}.`);
  }
}

async function isEmpty(folder: string): Promise<boolean> {
  const files = await readdir(folder).catch(ignoreMissing);
  return !files || files.length === 0;
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) === 'ENOENT') return undefined;
  throw error;
}
