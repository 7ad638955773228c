import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readMetrics } from '@banyan/kernel/observability';
import { complaintsAbout } from '@banyan/kernel/testing';

const run = promisify(execFile);
const kept = join('node_modules', '.cache', 'banyan', 'promtool');

/** What is wrong with these metrics: by promtool, or where there is none by a reader of ours that knows most of its rules. */
export async function checkMetrics(text: string): Promise<string> {
  const tool = await findPromtool();
  return tool === undefined ? complaintsAbout(readMetrics(text)).join('\n') : promtool(tool, ['check', 'metrics'], text);
}

/**
 * Finds promtool, or takes it out of Debian's package `prometheus`. The package is not installed: with it would come a
 * server that starts by itself. Undefined where neither works.
 */
async function findPromtool(): Promise<string | undefined> {
  for (const candidate of ['promtool', kept]) if (await works(candidate)) return candidate;
  if (!existsSync('/etc/debian_version')) return undefined;
  return (await fromDebian()) ? kept : undefined;
}

/** What it says to a text; nothing when it is content. */
async function promtool(tool: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(tool, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { said += chunk.toString(); });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  child.stdin.end(input);
  const code = await ended;
  return code === 0 ? said : `${said}It ended with ${code}.`;
}

async function works(candidate: string): Promise<boolean> {
  return run(candidate, ['--version']).then(() => true, () => false);
}

async function fromDebian(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-promtool-'));
  const download = () => run('apt-get', ['download', 'prometheus'], { cwd: folder, timeout: 120_000 });
  try {
    // A fresh container has no package lists.
    await download().catch(() => run('apt-get', ['-qq', 'update'], { timeout: 120_000 }).then(download));
    const [archive] = (await readdir(folder)).filter((it) => it.endsWith('.deb'));
    await run('dpkg-deb', ['-x', archive ?? '', folder], { cwd: folder });
    await mkdir(join(kept, '..'), { recursive: true });
    // Copied beside its place first and then renamed: another test that does the same must not find half of it.
    await run('cp', [join(folder, 'usr', 'bin', 'promtool'), `${kept}.${process.pid}`]);
    await rename(`${kept}.${process.pid}`, kept);
    return await works(kept);
  } catch {
    return false;
  } finally {
    await rm(folder, { recursive: true });
  }
}
