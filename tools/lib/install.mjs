import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { alone } from './lock.mjs';
import { hasNode24 } from './node24.mjs';
import { at, say, Stop } from './tool.mjs';
import { run } from './spawn.mjs';

const stamp = at('node_modules', '.banyan-install');

/** Makes node_modules agree with package-lock.json; costs a few milliseconds when it does already. */
export async function ensureInstalled() {
  if (isStamped()) return;
  await alone('install', async () => {
    if (isStamped()) return; // another process has just done it
    if (!agreesWithLockfile() || !hasNode24()) await install();
    writeFileSync(stamp, fingerprint());
  });
}

async function install() {
  say('Installing what package-lock.json names (npm ci); the first time this takes a minute or two …');
  const npm = npmCommand();
  // Warnings here are about the Node that runs npm; the product brings its own.
  const code = await run(npm.command, [...npm.args, 'ci', '--no-audit', '--no-fund', '--loglevel=error']);
  if (code !== 0) {
    throw new Stop(
      `npm ci failed (exit code ${code}); its message is above.\n` +
        'It needs the npm registry (or your mirror of it) and about 1 GB of disk. Then run the same command again.',
      code,
    );
  }
}

/** The npm that started us, if one did: another one on the PATH may be older. */
function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith('npm-cli.js') && existsSync(cli)) return { command: process.execPath, args: [cli] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] };
}

function isStamped() {
  try {
    return readFileSync(stamp, 'utf8') === fingerprint() && hasNode24();
  } catch {
    return false;
  }
}

/** Native packages differ by platform, so a checkout shared by two needs an installation for each. */
function fingerprint() {
  return createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .update(`${process.platform}-${process.arch}`)
    .digest('hex');
}

/**
 * Whether somebody ran `npm install` by hand: npm leaves a record of what it put there, and writes
 * it last, so an interrupted installation has none. Optional packages may be absent (they are for
 * other platforms), but not in another version.
 */
function agreesWithLockfile() {
  const installed = packagesOf(at('node_modules', '.package-lock.json'));
  const wanted = packagesOf(at('package-lock.json'));
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (!path.startsWith('node_modules/')) return true;
    const found = installed[path];
    return found ? found.version === version : Boolean(optional);
  });
}

function packagesOf(lockfile) {
  try {
    return JSON.parse(readFileSync(lockfile, 'utf8')).packages;
  } catch {
    return undefined;
  }
}
