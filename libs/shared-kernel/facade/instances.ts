import { randomUUID } from 'node:crypto';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';

const log = logger('facade');

const HEARTBEAT_MS = 1_000;
/** Seconds without a sign of life after which a process does not count any more. */
const SILENT_S = 5;

/** A process of an app. */
export interface Instance {
  readonly id: string;
  readonly app: string;
  /** Where its HTTP answers. */
  readonly url: string;
  /** Are requests sent to it? One that only looks at its context gets none. */
  readonly serves: boolean;
  /** Of the process, where a name in the URL stands for several. */
  readonly address?: string;
}

/** Processes that answered lately, by the database's clock. */
export async function livingInstances(database: Database): Promise<Instance[]> {
  return database.query<Instance>(`SELECT id, app, url, contexts <> '{}' AS serves FROM instance WHERE seen_at > now() - $1 * interval '1 second' ORDER BY url`, [SILENT_S]);
}

/** Says again and again that this process is there, until it stops. */
export class Presence {
  private readonly id = randomUUID();
  private timer: NodeJS.Timeout | undefined;
  private saying: Promise<void> = Promise.resolve();
  private isAway = false;

  constructor(private readonly database: Database, private readonly app: string, private readonly contexts: readonly string[]) {}

  /** @param url where the HTTP of this process answers */
  async start(url: string): Promise<void> {
    await this.say(url);
    this.timer = setInterval(() => { this.saying = this.say(url); }, HEARTBEAT_MS);
    this.timer.unref();
  }

  /** Takes this process off the list, so that nothing new is sent to it. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.saying;
    await this.database.query('DELETE FROM instance WHERE id = $1', [this.id]).catch((error: unknown) => {
      log.info({ err: error }, 'This process stays on the list of instances until its silence is noticed.');
    });
  }

  private async say(url: string): Promise<void> {
    try {
      await this.database.query(
        `WITH gone AS (DELETE FROM instance WHERE seen_at < now() - $5 * interval '1 second' AND id <> $1)
         INSERT INTO instance (id, app, url, contexts, seen_at) VALUES ($1, $2, $3, $4, now())
         ON CONFLICT (id) DO UPDATE SET seen_at = now(), url = excluded.url`,
        [this.id, this.app, url, this.contexts, 10 * SILENT_S],
      );
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) log.warn({ err: error }, 'This process cannot say that it is there.');
      this.isAway = true;
    }
  }
}
