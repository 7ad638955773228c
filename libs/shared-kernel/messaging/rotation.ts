import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { Bell } from './bell.js';
import type { HandledStore } from './handled-store.js';
import { HeldBack } from './held-back.js';
import type { MessagingSettings } from './settings.js';
import { type SlotNumber, slotAfter, slotNow } from './slots.js';

const log = logger('messaging');

/** How long emptying a slot may keep those waiting who come after it, in milliseconds. */
const LOCK_MS = 200;
/** Handled events are looked up by transactions that may take long, and their slot is emptied rarely. */
const HANDLED_LOCK_MS = 2_000;
const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Keeps the bus's tables from growing: empties the slot that is written to next, as a whole, when nothing in it is
 * needed any more. Any process may do it at any time; under the slot's lock nobody can be writing to it or have written
 * to it without having committed, so what is looked at there is all there is.
 */
export class Rotation {
  private readonly bell = new Bell();
  private readonly heldBack: HeldBack;
  private running: Promise<void> | undefined;

  constructor(
    private readonly database: Database,
    private readonly handled: HandledStore,
    private readonly settings: Pick<MessagingSettings, 'slotMs' | 'retentionMs' | 'heldBackMs'>,
  ) {
    this.heldBack = new HeldBack(database, settings.heldBackMs);
  }

  /** @param watches does it also look who holds back cleaning? One context of a database is enough for that. */
  start(watches: boolean): void {
    this.running ??= this.run(watches);
  }

  async stop(): Promise<void> {
    this.bell.close();
    await this.running;
  }

  /** Learns which slot is the one to write to; before anything is handled. */
  async look(): Promise<{ readonly outbox: SlotNumber; readonly handled: SlotNumber }> {
    const [now] = await this.database.query<{ outbox: SlotNumber; handled: SlotNumber }>(
      `SELECT ${slotNow('$1::float8')} AS outbox, ${slotNow('$2::float8')} AS handled`, [this.settings.slotMs, this.settings.retentionMs],
    );
    if (!now) throw new Error('A SELECT without FROM has one row.');
    this.handled.slot = now.handled;
    return now;
  }

  private async run(watches: boolean): Promise<void> {
    const everyMs = Math.min(this.settings.slotMs, this.settings.retentionMs) / 3;
    for (;;) {
      await this.bell.pause(everyMs);
      if (this.bell.closed) return;
      await this.turn(watches).catch((error: unknown) => {
        log.warn({ context: this.database.context, err: error }, 'Old events could not be cleared away; the next round does it.');
      });
    }
  }

  private async turn(watches: boolean): Promise<void> {
    const { outbox, handled } = await this.look();
    const next = slotAfter(outbox);
    const lockMs = Math.min(LOCK_MS, Math.ceil(this.settings.slotMs / 4));
    await this.empty(`outbox_${next}`, lockMs, `NOT EXISTS (SELECT FROM outbox_unread WHERE slot = ${next})`);
    await this.empty(`relay_progress_${next}`, lockMs, `(SELECT slot FROM relay_progress ORDER BY id DESC LIMIT 1) <> ${next}`);
    await this.empty(`inbox_handled_${slotAfter(handled)}`, HANDLED_LOCK_MS, 'true');
    if (watches) await this.heldBack.look();
  }

  /** @param isDone SQL that says, under the lock, that nothing in the table is needed */
  private async empty(table: string, lockMs: number, isDone: string): Promise<void> {
    const [filled] = await this.database.query<{ filled: boolean }>(`SELECT EXISTS (SELECT FROM ${table}) AS filled`);
    if (filled?.filled !== true) return;
    try {
      await this.database.transaction(async () => {
        this.database.post(`SET LOCAL lock_timeout = ${lockMs}`);
        await this.database.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
        const [row] = await this.database.query<{ done: boolean }>(`SELECT ${isDone} AS done`);
        if (row?.done === true) this.database.post(`TRUNCATE ${table}`);
      });
    } catch (error) {
      if (!isLockTimeout(error)) throw error;
      log.debug({ context: this.database.context, table }, 'Somebody uses a slot that could be emptied; the next round tries again.');
    }
  }
}

/** Did a statement give up on a lock that somebody else holds? */
export function isLockTimeout(error: unknown): boolean {
  for (let it = error; it instanceof Error; it = it.cause) if ('code' in it && it.code === LOCK_NOT_AVAILABLE) return true;
  return false;
}
