import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import type { Journal } from './journal.js';
import type { AppSettings, Asked, Told } from './messages.js';

interface Ship {
  readonly child: ChildProcess;
  isReady: boolean;
  /** Who waits for an answer of this process. */
  readonly waiting: Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>;
}

/** The app processes. One that dies is replaced at once. */
export class Fleet {
  private readonly ships = new Set<Ship>();
  private readonly log: number;
  private tickets = 0;
  private isClosing = false;
  killed = 0;

  constructor(private readonly settings: AppSettings, private readonly journal: Journal, logFile: string) {
    this.log = openSync(logFile, 'a');
  }

  launch(count: number): void {
    for (let at = 0; at < count; at += 1) this.launchOne();
  }

  get readyCount(): number {
    return this.ready().length;
  }

  /** Asks one of the processes, whichever `pick` takes. @throws Error when it says no, or dies before it answers */
  place(orderId: string, customer: string, pick: (count: number) => number): Promise<void> {
    const ready = this.ready();
    const ship = ready[pick(ready.length)];
    if (!ship) return Promise.reject(new Error('No process is ready.'));
    this.tickets += 1;
    const asked: Asked = { ticket: this.tickets, orderId, customer };
    return new Promise((resolve, reject) => {
      ship.waiting.set(asked.ticket, { resolve, reject });
      ship.child.send(asked, (error) => { if (error) this.answer(ship, { is: 'failed', ticket: asked.ticket, error: error.message }); });
    });
  }

  /** `kill -9`, of a process that is ready or is just starting. */
  kill(pick: (count: number) => number): void {
    const all = [...this.ships];
    const ship = all[pick(all.length)];
    if (!ship) return;
    this.killed += 1;
    this.journal.note('killed', { pid: ship.child.pid, wasReady: ship.isReady });
    ship.child.kill('SIGKILL');
  }

  async close(): Promise<void> {
    this.isClosing = true;
    await Promise.all([...this.ships].map(async ({ child }) => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }));
  }

  private ready(): Ship[] {
    return [...this.ships].filter((it) => it.isReady);
  }

  private launchOne(): void {
    const child = fork(process.argv[1] ?? '', ['chaos-app', JSON.stringify(this.settings)], { stdio: ['ignore', this.log, this.log, 'ipc'] });
    const ship: Ship = { child, isReady: false, waiting: new Map() };
    this.ships.add(ship);
    child.on('message', (told: Told) => this.answer(ship, told));
    child.once('exit', () => this.replace(ship));
  }

  private answer(ship: Ship, told: Told): void {
    if (told.is === 'ready') {
      ship.isReady = true;
      return;
    }
    const waiting = ship.waiting.get(told.ticket);
    ship.waiting.delete(told.ticket);
    if (told.is === 'placed') waiting?.resolve();
    else waiting?.reject(new Error(told.error));
  }

  private replace(ship: Ship): void {
    this.ships.delete(ship);
    for (const { reject } of ship.waiting.values()) reject(new Error('The process died before it answered.'));
    if (this.isClosing) return;
    if (ship.isReady) this.launchOne();
    else setTimeout(() => { if (!this.isClosing) this.launchOne(); }, 200); // its database may be away
  }
}
