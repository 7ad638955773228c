import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { alone } from '../../tools/lib/lock.mjs';
import { node24 } from '../../tools/lib/node24.mjs';
import { run } from '../../tools/lib/spawn.mjs';
import { at, say, Stop } from '../../tools/lib/tool.mjs';

const stamp = at('bench', 'node_modules', '.banyan-install');

/** Makes bench/node_modules agree with bench/package-lock.json: the peers, which the product knows nothing of. */
export async function ensurePeersInstalled() {
  if (isStamped()) return;
  await alone('install-peers', async () => {
    if (isStamped()) return; // another process has just done it
    await install();
    writeFileSync(stamp, fingerprint());
  });
}

/** Under Node 24, whatever runs this: some peers refuse older ones. */
async function install() {
  say('Installing the peers that bench/package-lock.json names (npm ci) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--prefix', at('bench'), '--no-audit', '--no-fund', '--loglevel=error'];
  const code = npm?.endsWith('npm-cli.js') && existsSync(npm) ? await run(node24(), [npm, ...args]) : await run('npm', args);
  if (code !== 0) throw new Stop(`npm ci in bench/ failed (exit code ${code}); its message is above. It needs the npm registry (or your mirror of it).`, code);
}

function isStamped() {
  try {
    return readFileSync(stamp, 'utf8') === fingerprint();
  } catch {
    return false;
  }
}

function fingerprint() {
  const lockfile = readFileSync(at('bench', 'package-lock.json'));
  return createHash('sha256').update(lockfile).update(`${process.platform}-${process.arch}`).digest('hex');
}
