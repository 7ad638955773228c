import { execFile, spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';

const LONGEST_MS = 240_000;
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const standIns = join(import.meta.dirname, 'stand-ins');

/**
 * What of our own environment a person's shell would have, too: nothing of Jest's and nothing of npm's. Tests that a document
 * runs find the PostgreSQL of this run, as those of somebody who keeps one running; so they need not make one each.
 */
export function shellEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const { PATH = '', HOME, TEST_DATABASE_URL } = process.env;
  return { PATH: hasCurl ? PATH : `${standIns}${delimiter}${PATH}`, HOME, TEST_DATABASE_URL, npm_config_update_notifier: 'false', ...more };
}

/**
 * Runs a script as a person would paste it, and answers with all that it printed.
 * @throws Error with what it printed, when one of its commands fails
 */
export function runShell(script: string, { cwd, environment }: { cwd: string; environment: NodeJS.ProcessEnv }): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd, env: environment, timeout: LONGEST_MS, maxBuffer: 2 ** 24 }, (error, stdout, stderr) => {
      const output = `${stdout}\n${stderr}`;
      if (error) reject(new Error(`A document shows this, and it fails (${error.code ?? error.signal ?? 'no reason'}):\n${script}\n${output}`));
      else resolve(output);
    });
  });
}
