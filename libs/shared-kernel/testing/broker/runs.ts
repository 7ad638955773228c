import { execFile } from 'node:child_process';

/** Runs a command to its end. @returns why it failed, in one line; undefined when it did not */
export function runs(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  // oxlint-disable-next-line no-process-env -- a command of somebody else's needs the environment it is used to
  execFile(command, [...args], { env: { ...process.env, ...environment } }, (error, _stdout, stderr) => {
    if (!error) return resolve(undefined);
    const lastLine = stderr.trim().split('\n').at(-1) ?? '';
    return resolve('code' in error && error.code === 'ENOENT' ? `there is no ${command} here.` : `"${[command, ...args].join(' ')}" failed: ${lastLine || error.message}`);
  });
  return promise;
}
