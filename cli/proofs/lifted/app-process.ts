import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

const OPEN_WITHIN_MS = 90_000;

/** An app of the house as a process of its own, to be killed, stopped and told to stop. */
export class AppProcess {
  private constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>, readonly url: string) {}

  /** @param main the built program. @throws Error when it ends, or does not open in time */
  static async start(main: string, environment: Readonly<Record<string, string>>, logFile: string): Promise<AppProcess> {
    const child = spawn(process.execPath, ['--enable-source-maps', main], { env: { PORT: '0', ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stderr.pipe(log, { end: false });
    const opened = Promise.withResolvers<string>();
    const late = setTimeout(() => opened.reject(new Error(`${main} did not open within ${OPEN_WITHIN_MS} ms; see ${logFile}.`)), OPEN_WITHIN_MS);
    child.once('exit', (code) => opened.reject(new Error(`${main} ended with ${code}; see ${logFile}.`)));
    createInterface({ input: child.stdout }).on('line', (line) => {
      log.write(`${line}\n`);
      const url = line.includes('"The app is open."') ? /"url":"([^"]+)"/.exec(line)?.[1] : undefined;
      if (url !== undefined) opened.resolve(url);
    });
    try {
      return new AppProcess(child, await opened.promise);
    } finally {
      clearTimeout(late);
    }
  }

  /** Processes that it has started. */
  async children(): Promise<number[]> {
    const { pid } = this.child;
    return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter((it) => it !== '').map(Number);
  }

  /** Sends a signal and does not wait for what comes of it. */
  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends a signal that ends it, and waits for the end. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill(signal);
    await gone;
  }
}
