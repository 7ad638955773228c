// What people's Ctrl-C, supervisors and `kill` do to `npm start`. Runs by itself: node tools/launchers.test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { at } from './lib/tool.mjs';
import { testEnv } from './lib/test-env.mjs';

/** A launched stand-in: its launcher leads a process group, as under a terminal's job control. */
async function launched(...args) {
  const launcher = spawn(process.execPath, [at('tools', 'test', 'launch.mjs'), ...args], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = [];
  const ended = once(launcher.stdout, 'end');
  launcher.stdout.setEncoding('utf8').on('data', (text) => lines.push(...text.trim().split('\n')));
  while (lines.length === 0) await sleep(20);
  const program = Number(lines.shift().replace('ready ', ''));
  const exited = once(launcher, 'exit');
  return { launcher: launcher.pid, program, lines, outcome: async () => Promise.all([exited, ended]).then(([[code]]) => code) };
}

test('passes one signal on, waits until the program has drained, and ends with its exit code', async () => {
  const { launcher, lines, outcome } = await launched('7');
  process.kill(launcher, 'SIGTERM');
  assert.equal(await outcome(), 7);
  assert.deepEqual(lines, ['SIGTERM', 'drained']);
});

test('makes one wish of a Ctrl-C that arrives from the terminal and again from npm', async () => {
  const { launcher, lines, outcome } = await launched();
  process.kill(-launcher, 'SIGINT');
  await sleep(50);
  process.kill(launcher, 'SIGINT');
  assert.equal(await outcome(), 0);
  assert.deepEqual(lines, ['SIGINT', 'drained']);
});

test('lets the program drain even when the launcher is killed outright', async () => {
  const { launcher, lines, outcome } = await launched();
  process.kill(-launcher, 'SIGKILL');
  await outcome();
  assert.deepEqual(lines, ['SIGTERM', 'drained']);
});

test('reports a program that was killed as shells do', async () => {
  const { program, outcome } = await launched();
  process.kill(program, 'SIGKILL');
  assert.equal(await outcome(), 128 + 9);
});

test('keeps the configuration of a developer’s shell away from the product under test', () => {
  const shell = { PATH: '/bin', PORT: '1', DATABASE_URL: 'x', PAYMENTS_DATABASE_URL: 'x', BANYAN_TOKEN: 'x', AMQP_URL: 'amqp://broker' };
  assert.deepEqual(testEnv(shell), { PATH: '/bin', AMQP_URL: 'amqp://broker' });
});
