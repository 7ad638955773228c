import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { scratchFolder } from '@banyan/kernel/testing';
import { root } from './markdown.js';
import { shellEnvironment } from './shell.js';

/** The shop as a newcomer starts it: `npm start`, with nothing but a folder and a port of its own. */
export class StartedShop {
  private said = '';

  private constructor(private readonly npm: ChildProcessByStdio<null, Readable, Readable>, readonly dataDir: string) {
    npm.stdout.resume();
    npm.stderr.on('data', (chunk: Buffer) => { this.said += chunk.toString(); });
  }

  /** @throws Error with what it said, when it does not open */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<StartedShop> {
    const dataDir = mkdtempSync(join(scratchFolder(), 'banyan-readme-'));
    const npm = spawn('npm', ['start'], { cwd: root, env: shellEnvironment({ PORT: '0', DATA_DIR: dataDir, ...environment }), stdio: ['ignore', 'pipe', 'pipe'] });
    const shop = new StartedShop(npm, dataDir);
    const ended = once(npm, 'exit').then(([code]) => { throw new Error(`npm start ended with ${code}: ${shop.said}`); });
    await Promise.race([shop.opened(), ended]);
    return shop;
  }

  /** What a person saw. */
  get screen(): string {
    return this.said;
  }

  get url(): string {
    return /The shop is open: (\S+)/.exec(this.said)?.[1] ?? '';
  }

  /** What a shell beside it needs to find it. */
  get environment(): NodeJS.ProcessEnv {
    return shellEnvironment({ DATA_DIR: this.dataDir, BANYAN_URL: this.url });
  }

  /** Does what Ctrl-C does. @throws Error when PostgreSQL is left running */
  async stop(): Promise<void> {
    if (this.npm.exitCode === null && this.npm.signalCode === null) {
      const ended = once(this.npm, 'exit');
      this.npm.kill('SIGINT');
      await ended;
    }
    const isPostgresLeft = existsSync(join(this.dataDir, 'postgres', 'postmaster.pid'));
    rmSync(this.dataDir, { recursive: true, force: true });
    if (isPostgresLeft) throw new Error('npm start has ended and its PostgreSQL has not.');
  }

  private async opened(): Promise<void> {
    while (!this.said.includes('Ctrl-C drains')) await once(this.npm.stderr, 'data');
  }
}
