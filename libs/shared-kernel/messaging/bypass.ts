import type { Database } from '../persistence/index.js';

/**
 * Notes when a context's events last went a way on which no history is kept. A stream that knows a later time than it
 * noted when it began lacks events in its middle, and nothing else would tell.
 */
export class Bypass {
  constructor(private readonly database: Database) {}

  /** When a process that delivers that way starts, and when it stops. */
  async note(): Promise<void> {
    await this.database.query('INSERT INTO history_bypass (at) VALUES (clock_timestamp()) ON CONFLICT (single) DO UPDATE SET at = excluded.at');
  }

  async last(): Promise<Date | undefined> {
    const [row] = await this.database.query<{ at: Date }>('SELECT at FROM history_bypass');
    return row?.at;
  }
}
