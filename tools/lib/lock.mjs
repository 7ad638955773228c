import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root, say } from './tool.mjs';

/**
 * Runs `job` while no other process on this machine runs the same one for this checkout.
 * The lock is a file with its owner's process id; one whose owner is gone is taken over. It lies
 * in the temporary directory because `npm ci` deletes node_modules, where it would be handier.
 */
export async function alone(name, job) {
  const file = lockFile(name);
  for (let waited = 0; !tryLock(file); waited += 1) {
    if (waited === 10) say(`waiting for another process that does the same: ${name}, see ${file} …`);
    await sleep(100);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release); // a signal may end us through process.exit, past the `finally`
  try {
    return await job();
  } finally {
    process.removeListener('exit', release);
    release();
  }
}

function lockFile(name) {
  const checkout = createHash('sha256').update(root).digest('hex').slice(0, 12);
  return join(tmpdir(), `banyan-${checkout}-${process.getuid?.() ?? 'user'}-${name}.lock`);
}

function tryLock(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    discardIfAbandoned(file);
    return false;
  }
}

/** Two waiters may find the same dead owner: `rename` lets only one of them take each file away. */
function discardIfAbandoned(file) {
  const owner = ownerOf(file);
  if (owner === undefined || isAlive(owner)) return;
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    // The file may have changed hands between the look and the rename: then it goes back.
    if (ownerOf(aside) === owner) rmSync(aside, { force: true });
    else renameSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
