import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** `npm run start:extracted -- payments`, in another terminal. */
export class StartedPayments {
  private constructor(private readonly npm: ChildProcess) {}

  /** @throws Error with what it said, when it does not open */
  static async start(cwd: string, environment: NodeJS.ProcessEnv): Promise<StartedPayments> {
    const npm = spawn('npm', ['run', 'start:extracted', '--', 'payments'], { cwd, env: environment, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    await new Promise<void>((resolve, reject) => {
      npm.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Ctrl-C drains')) resolve();
      });
      npm.once('exit', (code) => reject(new Error(`npm run start:extracted ended with ${code}: ${said}`)));
    });
    return new StartedPayments(npm);
  }

  /** Does what Ctrl-C does. */
  async stop(): Promise<void> {
    if (this.npm.exitCode !== null) return;
    const ended = once(this.npm, 'exit');
    this.npm.kill('SIGINT');
    await ended;
  }
}
