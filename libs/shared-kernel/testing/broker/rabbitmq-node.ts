import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { speaksAmqp } from './speaks-amqp.js';

/** How long a node may take to start, in milliseconds: 4 s on an idle machine, several times that on a busy one. */
const START_MS = 90_000;

/** Longest to wait for a new queue to be written down, in milliseconds. */
const REGISTERED_MS = 5_000;

/** Always the same, for data is filed under it; nodes that know of no others may all have one name. */
const NAME = 'banyan@localhost';

/** Debian's command on the PATH insists on a user of its own; what it wraps does not. */
const UNWRAPPED = '/usr/lib/rabbitmq/bin';

/** The folder of the rabbitmq-server command, or undefined where it is not installed. */
export function rabbitMqCommands(path = pathOfEnvironment()): string | undefined {
  return [UNWRAPPED, ...path.split(delimiter)].find((folder) => folder !== '' && existsSync(join(folder, 'rabbitmq-server')));
}

function pathOfEnvironment(): string {
  // oxlint-disable-next-line no-process-env -- where programs are is told there and nowhere else
  return process.env['PATH'] ?? '';
}

/**
 * A RabbitMQ of our own: a node with its own name, ports, cookie and data, all in one folder. It talks to no other
 * node and to no epmd, so that nothing is left running when it ends, and what is done to it is done to nobody else.
 */
export class RabbitMqNode {
  private child: ChildProcess | undefined;

  private constructor(private readonly commands: string, readonly folder: string, readonly port: number, private readonly clusterPort: number) {}

  /**
   * Makes the folder's files and chooses ports; starts nothing.
   * @throws Error when RabbitMQ is not installed, or runs on this folder already
   */
  static async prepare(folder: string): Promise<RabbitMqNode> {
    const commands = rabbitMqCommands();
    if (commands === undefined) throw new Error('There is no rabbitmq-server on this machine. On Debian: apt-get install rabbitmq-server');
    if (await runsAlready(folder)) throw new Error(`A RabbitMQ already runs on ${folder}. Stop it, or wait until whoever started it does.`);
    mkdirSync(folder, { recursive: true });
    const [port, clusterPort] = [await freePort(), await freePort()];
    writeFileSync(join(folder, 'rabbitmq.conf'), `listeners.tcp.1 = 127.0.0.1:${port}\n`);
    writeFileSync(join(folder, 'enabled_plugins'), '[].\n');
    return new RabbitMqNode(commands, folder, port, clusterPort);
  }

  get url(): string {
    return `amqp://guest:guest@127.0.0.1:${this.port}`;
  }

  /** What tells its process from any other: a part of its command line. */
  get mark(): string {
    return `-erl_epmd_port ${this.clusterPort}`;
  }

  /** The process id of the broker itself, while it runs; the command is a shell around it. */
  get pid(): number | undefined {
    try {
      return Number(readFileSync(join(this.folder, 'pid'), 'utf8')) || undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Starts it on the data that it has, and resolves when it takes connections.
   * @throws Error with the end of its log when it does not
   */
  async start(): Promise<void> {
    const end = Date.now() + START_MS;
    // Just after a kill the old node may still count as alive, by its name.
    while (!(await this.attempt(end))) await sleep(200);
  }

  /** @returns false when the name is still taken */
  private async attempt(end: number): Promise<boolean> {
    const log = createWriteStream(join(this.folder, 'output.log'), { flags: 'a' });
    await once(log, 'open');
    // In a group of its own: Ctrl-C is for the app, which still needs its broker to drain.
    this.child = spawn(join(this.commands, 'rabbitmq-server'), [], { env: this.environment(), stdio: ['ignore', log, log], detached: true });
    log.close();
    const { child } = this;
    while (!(await speaksAmqp('127.0.0.1', this.port))) {
      const isOver = child.exitCode !== null || child.signalCode !== null;
      if (isOver && Date.now() < end && this.endOfLog().includes('duplicate_node_name')) return false;
      if (isOver || Date.now() > end) throw new Error(`RabbitMQ did not start. The end of its log:\n${this.endOfLog()}`);
      await sleep(50);
    }
    return true;
  }

  /** Stops it in good order. */
  async stop(): Promise<void> {
    await this.end('SIGTERM');
  }

  /**
   * Ends it with SIGKILL, once it has written down which queues it has. RabbitMQ takes a second for that, and a quorum
   * queue that is younger when its only node is killed never finds a leader again (seen with 3.10).
   */
  async kill(): Promise<void> {
    const end = Date.now() + REGISTERED_MS;
    while (!this.hasRegisteredQueues() && Date.now() < end) await sleep(50);
    await this.end('SIGKILL');
  }

  /** Runs rabbitmqctl against this node. */
  async control(...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(join(this.commands, 'rabbitmqctl'), ['--node', NAME, ...args], { env: this.environment() });
    return stdout;
  }

  /** Each quorum queue has a folder, and its name in a file beside them. */
  private hasRegisteredQueues(): boolean {
    const folder = join(this.folder, 'data', NAME, 'quorum', NAME);
    if (!existsSync(join(folder, 'names.dets'))) return true;
    const names = readFileSync(join(folder, 'names.dets'), 'latin1');
    return readdirSync(folder, { withFileTypes: true }).every((it) => !it.isDirectory() || names.includes(it.name));
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child, pid } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    process.kill(pid ?? child.pid ?? 0, signal);
    await ended;
    if (pid !== undefined) await gone(pid);
  }

  private environment(): NodeJS.ProcessEnv {
    const aloneIn = `-start_epmd false ${this.mark}`;
    return {
      PATH: pathOfEnvironment(),
      HOME: this.folder, // for the cookie
      LC_ALL: 'C.UTF-8',
      RABBITMQ_CONF_ENV_FILE: '/dev/null',
      RABBITMQ_NODENAME: NAME,
      RABBITMQ_DIST_PORT: String(this.clusterPort),
      RABBITMQ_CONFIG_FILE: join(this.folder, 'rabbitmq.conf'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(this.folder, 'enabled_plugins'),
      RABBITMQ_MNESIA_BASE: join(this.folder, 'data'),
      RABBITMQ_LOG_BASE: join(this.folder, 'log'),
      RABBITMQ_LOGS: '-',
      RABBITMQ_PID_FILE: join(this.folder, 'pid'),
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} ${aloneIn}`,
      RABBITMQ_CTL_ERL_ARGS: `${aloneIn} -dist_listen false`,
    };
  }

  private endOfLog(): string {
    return readFileSync(join(this.folder, 'output.log'), 'utf8').split('\n').slice(-15).join('\n');
  }
}

async function runsAlready(folder: string): Promise<boolean> {
  const configured = join(folder, 'rabbitmq.conf');
  const port = existsSync(configured) ? /127\.0\.0\.1:(\d+)/.exec(readFileSync(configured, 'utf8'))?.[1] : undefined;
  return port !== undefined && speaksAmqp('127.0.0.1', Number(port));
}

/** The shell around the broker may end before it. */
async function gone(pid: number): Promise<void> {
  for (let polls = 0; isAlive(pid); polls += 1) {
    if (polls > 1_000) throw new Error(`RabbitMQ (process ${pid}) does not end.`);
    await sleep(20);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
