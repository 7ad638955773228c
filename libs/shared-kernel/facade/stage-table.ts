import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { type Instance, livingInstances } from './instances.js';
import { MONOLITH } from './apps.js';
import { NamedInstances } from './named-instances.js';
import { Polling } from './polling.js';
import { type Side, type Standing, embedded } from './stage.js';

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
  private readonly polling = new Polling('The stages of contexts', POLL_MS, () => this.follow());

  /** @param named apps whose addresses were written down; what others say of themselves counts for the rest */
  constructor(private readonly database: Database, private readonly named = new NamedInstances([])) {}

  /** Looks for the first time, and then goes on looking. @throws DatabaseAway */
  async start(): Promise<void> {
    await this.read();
    await this.named.start();
    this.polling.start();
  }

  /** Waits for a look under way. */
  async stop(): Promise<void> {
    await this.polling.stop();
    await this.named.stop();
  }

  standingOf(context: string): Standing {
    return this.known.get(context) ?? embedded(context);
  }

  /** The processes that serve a context on that side, as far as they show signs of life or were written down. */
  instancesOf(context: string, side: Side): readonly Instance[] {
    const app = side === 'extracted' ? context : MONOLITH;
    return this.named.names(app) ? this.named.of(app) : this.instances.filter((it) => it.app === app && it.serves);
  }

  /** The processes of the app that a context was lifted into, also those that do not serve it but only look at it. */
  processesOf(context: string): readonly Instance[] {
    return this.instances.filter((it) => it.app === context);
  }

  /** Tells the listener of every context that stands elsewhere than before. */
  onChange(listener: (context: string) => void): void {
    this.listeners.push(listener);
  }

  /** Looks now rather than at the next poll. */
  look(): Promise<void> {
    return this.polling.look();
  }

  private async follow(): Promise<void> {
    const before = this.known;
    await this.read();
    for (const { context, epoch } of this.known.values()) {
      if (epoch !== (before.get(context)?.epoch ?? 0)) this.moved(context);
    }
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
