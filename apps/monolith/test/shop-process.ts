import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** A line of the shop's log. */
export type LogLine = Readonly<Record<string, unknown>>;

/** The shop as a process of its own, to be killed. */
export class ShopProcess {
  readonly lines: LogLine[] = [];
  private said = '';

  private constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>, readonly dataDir: string) {
    createInterface({ input: child.stdout }).on('line', (line) => { this.lines.push(parsed(line)); });
    child.stderr.on('data', (chunk: Buffer) => { this.said += chunk.toString(); });
  }

  /**
   * Starts the built shop; resolves when it is open.
   * @param app another app of the house, such as `extracted/payments`
   * @throws Error with what it said, when it ended instead
   */
  static async start(environment: Readonly<Record<string, string>> & { readonly DATA_DIR: string }, app = 'monolith'): Promise<ShopProcess> {
    const child = spawn(process.execPath, ['--enable-source-maps', `dist/apps/${app}/main.js`], {
      env: { PATH: process.env['PATH'], PORT: '0', ...environment }, stdio: ['ignore', 'pipe', 'pipe'],
    });
    const shop = new ShopProcess(child, environment.DATA_DIR);
    await Promise.race([shop.opened(), once(child, 'exit').then(([code]) => { throw new Error(`The shop ended with ${code}: ${shop.said}`); })]);
    return shop;
  }

  /** Processes that it has started, by the order of their ids. */
  async children(): Promise<number[]> {
    const { pid } = this.child;
    return (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').filter((it) => it !== '').map(Number);
  }

  get url(): string {
    return String(this.lines.find((it) => it['msg'] === 'The app is open.')?.['url']);
  }

  /** What a person saw. */
  get screen(): string {
    return this.said;
  }

  async operator(): Promise<{ email: string; password: string }> {
    return JSON.parse(await readFile(join(this.dataDir, 'operator.json'), 'utf8')) as { email: string; password: string };
  }

  /** Sends a signal and waits for the end. Answers with the exit code, or null when the signal killed it. */
  async kill(signal: NodeJS.Signals): Promise<number | null> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    return (await ended)[0] as number | null;
  }

  private async opened(): Promise<void> {
    while (!this.lines.some((it) => it['msg'] === 'The app is open.')) await once(this.child.stdout, 'data');
  }
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch {
    return { notJson: line };
  }
}
