import type { Database } from '../persistence/index.js';
import { wallClock } from '../runtime/index.js';
import type { Position } from './outbox.js';

/**
 * The right to relay the events of one context. At most one process holds it by the database's clock; one that
 * stalls may go on believing it does, which is why everything it notes is fenced by the epoch (`LogReader.next`).
 * When the holder dies, the next one gets it after the expiry; a holder that stops gives it back at once.
 */
export class Lease {
  private epoch: Position | undefined;
  private askAgainAt = 0;

  /** @param leaseMs how long it holds without renewal; @param retryMs how often to try for it while another has it */
  constructor(
    private readonly database: Database,
    private readonly holder: string,
    private readonly leaseMs: number,
    private readonly retryMs: number,
  ) {}

  /** Takes or renews the lease when it is time to; otherwise answers from memory. Undefined: another process has it. */
  async hold(): Promise<Position | undefined> {
    if (wallClock.ticks() < this.askAgainAt) return this.epoch;
    this.epoch = this.epoch === undefined ? await this.claim() : await this.renew(this.epoch);
    this.noteAnswer();
    return this.epoch;
  }

  /** The epoch under which this process leads, as far as it knows. */
  get current(): Position | undefined {
    return this.epoch;
  }

  /** Another statement has found that it is lost. */
  noteLoss(): void {
    this.epoch = undefined;
    this.noteAnswer();
  }

  /** Lets others have it at once, and this process again when it is its turn. */
  async release(): Promise<void> {
    if (this.epoch === undefined) return;
    await this.database.query(`UPDATE relay_lease SET expires_at = '-infinity' WHERE epoch = $1`, [this.epoch]);
    this.epoch = undefined;
    this.askAgainAt = 0;
  }

  private noteAnswer(): void {
    this.askAgainAt = wallClock.ticks() + (this.epoch === undefined ? this.retryMs : this.leaseMs / 2);
  }

  /** The row is locked before the time is read: an UPDATE that has to wait keeps what it computed before it waited. */
  private async claim(): Promise<Position | undefined> {
    const rows = await this.database.query<{ epoch: Position }>(
      `WITH claimed AS (
         UPDATE relay_lease SET epoch = epoch + 1, holder = $1, expires_at = clock_timestamp() + $2 * interval '1 millisecond'
         FROM (SELECT single AS locked FROM relay_lease WHERE expires_at < clock_timestamp() FOR UPDATE) AS lease WHERE single = locked RETURNING epoch
       ) SELECT epoch FROM claimed`,
      [this.holder, this.leaseMs],
    );
    return rows[0]?.epoch;
  }

  private async renew(epoch: Position): Promise<Position | undefined> {
    const rows = await this.database.query<{ epoch: Position }>(
      `WITH renewed AS (
         UPDATE relay_lease SET expires_at = clock_timestamp() + $2 * interval '1 millisecond'
         FROM (SELECT single AS locked FROM relay_lease WHERE epoch = $1 FOR UPDATE) AS lease WHERE single = locked RETURNING epoch
       ) SELECT epoch FROM renewed`,
      [epoch, this.leaseMs],
    );
    return rows[0]?.epoch;
  }
}
