import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { node24 } from './node24.mjs';
import { root } from './tool.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

// One Ctrl-C reaches us up to three times: from the terminal, again from npm, which passes on what
// it gets, and again from a supervisor that signals the whole group. Repeats this close are one wish;
// a later one is a person who insists, and the program may take it as "now".
const ONE_WISH_MS = 1_000;

const lifeline = fileURLToPath(new URL('./lifeline.mjs', import.meta.url));

/**
 * Runs a command to its end and resolves to its exit code (128 + n when signal n killed it).
 *
 * The child gets its own process group, so that it hears every signal exactly once: from us. In a
 * shared group it would get the terminal's SIGINT *and* ours, and take the second for "do not drain,
 * quit"; and from inside nobody can tell which of the two a signal was. We outlive the child.
 */
export function run(command, args, { env = process.env, stdio = 'inherit', onSpawn } = {}) {
  return new Promise((resolve, reject) => {
    const ownGroup = process.platform !== 'win32';
    const child = spawn(command, args, { cwd: root, env, stdio, detached: ownGroup });
    onSpawn?.(child);
    const stopForwarding = forwardSignals(child);
    child.once('error', (error) => {
      stopForwarding();
      reject(error);
    });
    // "close" also waits for the last byte of output, but for a program's stray helpers as well.
    child.once(child.stdout ? 'close' : 'exit', (code, signal) => {
      stopForwarding();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}

/**
 * Runs a script under Node 24 and resolves to its exit code. Should this launcher be killed
 * outright (SIGKILL forwards nothing), the script is told to drain through a pipe that breaks.
 */
export function runNode(script, args = [], { env = process.env } = {}) {
  return run(node24(), ['--enable-source-maps', '--import', lifeline, script, ...args], {
    env: { ...env, BANYAN_LIFELINE: '3' },
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    onSpawn: ({ stdio }) => stdio[3]?.on('error', () => undefined), // it breaks when the script ends; that is its job
  });
}

/** Runs Node 24 with these arguments, keeps what it prints, and resolves to `{ code, output }`. */
export async function captureNode(args, { env = process.env } = {}) {
  const chunks = [];
  const keep = (chunk) => chunks.push(chunk);
  const code = await run(node24(), args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    onSpawn: ({ stdout, stderr }) => {
      stdout.on('data', keep);
      stderr.on('data', keep);
    },
  });
  return { code, output: Buffer.concat(chunks).toString('utf8') };
}

/** Which signal, if any, asked this launcher to end; later steps must not start then. */
export let interruptedBy;

function forwardSignals(child) {
  const forwardedAt = new Map();
  const forward = (signal) => {
    interruptedBy = signal;
    const now = performance.now();
    if (now - (forwardedAt.get(signal) ?? -Infinity) < ONE_WISH_MS) return;
    forwardedAt.set(signal, now);
    child.kill(signal);
  };
  for (const signal of FORWARDED) process.on(signal, forward);
  const orphaned = whenOrphaned(() => forward('SIGTERM'));
  return () => {
    clearInterval(orphaned);
    for (const signal of FORWARDED) process.removeListener(signal, forward);
  };
}

/** npm killed outright takes nobody with it: whoever started us through npm meant to end us too. */
function whenOrphaned(act) {
  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return undefined;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    act();
  }, 500);
  return watch;
}
