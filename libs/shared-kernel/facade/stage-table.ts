import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { type Instance, livingInstances } from './instances.js';
import { type Standing, embedded } from './stage.js';

const log = logger('facade');

/** How often every process looks; a change is known everywhere within a second, with room for a slow look. */
const POLL_MS = 250;

/**
 * Where every context stands, as this process knows it. Asked on every request and call, so it answers from memory;
 * while the store is away it keeps what it knew.
 */
export class StageTable {
  private known: ReadonlyMap<string, Standing> = new Map();
  private instances: readonly Instance[] = [];
  private readonly listeners: ((context: string) => void)[] = [];
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> = Promise.resolve();
  private isLooking = false;
  private isAway = false;

  constructor(private readonly database: Database) {}

  /** Looks for the first time, and then goes on looking. @throws DatabaseAway */
  async start(): Promise<void> {
    await this.read();
    this.timer = setInterval(() => { if (!this.isLooking) void this.look(); }, POLL_MS);
    this.timer.unref();
  }

  /** Waits for a look under way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  standingOf(context: string): Standing {
    return this.known.get(context) ?? embedded(context);
  }

  /** The processes of the app that a context was lifted into, as far as they show signs of life. */
  instancesOf(context: string): readonly Instance[] {
    return this.instances.filter((it) => it.contexts.includes(context));
  }

  /** Tells the listener of every context that stands elsewhere than before. */
  onChange(listener: (context: string) => void): void {
    this.listeners.push(listener);
  }

  /** Looks now rather than at the next poll; one look at a time, or a slow one would bring back what is over. */
  look(): Promise<void> {
    this.looking = this.looking.then(() => this.lookOnce());
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    this.isLooking = true;
    try {
      const before = this.known;
      await this.read();
      if (this.isAway) log.info({}, 'The stages of contexts can be read again.');
      this.isAway = false;
      for (const { context, epoch } of this.known.values()) {
        if (epoch !== (before.get(context)?.epoch ?? 0)) this.moved(context);
      }
    } catch (error) {
      if (!this.isAway) log.warn({ err: error }, 'The stages of contexts cannot be read; requests and calls go where they went before.');
      this.isAway = true;
    }
    this.isLooking = false;
  }

  private moved(context: string): void {
    const { stage, percent, epoch } = this.standingOf(context);
    log.info({ context, stage, percent, epoch }, 'A context stands elsewhere now.');
    for (const listener of this.listeners) listener(context);
  }

  private async read(): Promise<void> {
    const rows = await this.database.query<Standing>('SELECT context, stage, percent, epoch, salt FROM stage');
    this.instances = await livingInstances(this.database);
    this.known = new Map(rows.map((it) => [it.context, it]));
  }
}
