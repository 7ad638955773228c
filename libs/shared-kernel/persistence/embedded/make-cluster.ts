import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, messageOf } from '../error-parts.js';
import type { Binaries } from './binaries.js';
import { folderUnusable, reasonsIn } from './folder-unusable.js';
import { commandLine, isAlive, writePrivate } from './process.js';
import type { ServerUser } from './server-user.js';

const run = promisify(execFile);
const DRAFT = /^postgres\.new-(\d+)-/;
const underWay = new Set<string>();

/** Where a cluster belongs, and who makes it with what. */
export interface ClusterPlace {
  readonly dataDir: string;
  /** What PostgreSQL calls its data directory, absolute and without links. */
  readonly cluster: string;
  readonly binaries: Binaries;
  readonly user: ServerUser;
}

/**
 * Makes a cluster in a folder beside its place and renames it there when it is complete, so that a crash half-way
 * leaves nothing that looks like a database. When another process was faster, its cluster stays.
 * @param connection what to store in the cluster as `banyan.json`
 */
export async function makeCluster(place: ClusterPlace, connection: string, password: string, durable: boolean): Promise<void> {
  const name = `postgres.new-${process.pid}-${randomUUID()}`;
  const draft = join(dirname(place.cluster), name);
  const cluster = join(draft, 'cluster');
  const passwordFile = join(draft, 'password');
  underWay.add(name);
  try {
    await mkdir(cluster, { recursive: true, mode: 0o700 });
    await Promise.all([draft, cluster].map((path) => chown(path, place.user.uid, place.user.gid)));
    await writePrivate(passwordFile, password, place.user);
    await initdb(place, cluster, passwordFile, durable);
    await writePrivate(join(cluster, 'banyan.json'), connection, place.user);
    await rename(cluster, place.cluster).catch(ignoreTaken);
  } finally {
    await rm(draft, { recursive: true, force: true });
    underWay.delete(name);
  }
}

/** Removes what processes left behind that died while they made a cluster. */
export async function removeAbandoned(home: string): Promise<void> {
  const drafts = (await readdir(home)).filter((name) => {
    const maker = Number(DRAFT.exec(name)?.[1]);
    return maker === process.pid ? !underWay.has(name) : maker > 0 && !isAlive(maker);
  });
  await Promise.all(drafts.map((name) => rm(join(home, name), { recursive: true, force: true })));
}

/** `builtin` C.UTF-8 sorts and folds the same on every machine, whatever locales it has. */
async function initdb({ dataDir, binaries, user }: ClusterPlace, cluster: string, passwordFile: string, durable: boolean): Promise<void> {
  const { file, args, options } = commandLine(user, binaries.initdb, [
    `--pgdata=${cluster}`, '--username=banyan', `--pwfile=${passwordFile}`, '--auth=scram-sha-256',
    '--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8',
    ...(durable ? [] : ['--no-sync']),
  ]);
  try {
    await run(file, args, options);
  } catch (error) {
    throw folderUnusable(dataDir, `PostgreSQL could not make a database in it: ${reasonsIn(messageOf(error)) || messageOf(error)}.`);
  }
}

function ignoreTaken(error: unknown): void {
  if (!['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error;
}
