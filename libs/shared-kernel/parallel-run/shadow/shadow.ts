import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../persistence/index.js';
import { wallClock } from '../../runtime/index.js';
import type { Run, RunStore } from '../findings/run-store.js';
import type { TapeEntry } from '../tape/entry.js';
import { type TapeCursor, readTape } from '../tape/tape-reader.js';
import type { Player } from './player.js';
import type { Tally } from './tally.js';

/** What plays the tape of a context to its copy. */
export interface ShadowParts {
  readonly run: Run;
  readonly store: RunStore;
  /** May read the tape. */
  readonly reader: Database;
  /** The copy. */
  readonly database: Database;
  readonly player: Player;
  readonly tally: Tally;
  /** How long an entry waits for what belongs to it and is written later, in milliseconds. */
  readonly holdMs?: number;
}

interface Page {
  readonly entries: readonly TapeEntry[];
  readonly cursor: TapeCursor;
  /** On this process's monotonic clock. */
  readonly readAt: number;
}

const [PAGE, LOOK_MS, HOLD_MS, SIGN_MS] = [200, 100, 2_000, 1_000];
/** Pages that are read ahead at most. */
const AHEAD = 25;

/**
 * Follows a tape: reads ahead, so that it is known how an input ended before it is played, plays page by page, and notes
 * each page with all that was found in it. A shadow that died goes on behind the last page that it noted; what the copy has
 * played already is known from the copy itself, and is not played twice.
 */
export class Shadow {
  private readonly ahead: Page[] = [];
  private reading: TapeCursor;
  private played: ReadonlySet<string> = new Set();
  private readonly stopping = new AbortController();
  private notedAt = -Infinity;
  private following: Promise<void> | undefined;

  constructor(private readonly parts: ShadowParts) {
    this.reading = parts.run;
  }

  /** Plays until `stop`. @throws what the tape's or the copy's database says: then it has to be started again */
  async follow(): Promise<void> {
    this.following = this.loop();
    await this.following;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.following?.catch(() => undefined);
  }

  private async loop(): Promise<void> {
    this.played = new Set((await this.parts.database.query<{ position: string }>('SELECT position::text FROM played')).map((it) => it.position));
    while (!this.stopping.signal.aborted) {
      const hasRead = await this.readAhead();
      const hasPlayed = await this.playDue();
      if (!hasRead && !hasPlayed) await this.rest();
    }
  }

  private async readAhead(): Promise<boolean> {
    if (this.ahead.length >= AHEAD) return false;
    const { reader, run, player } = this.parts;
    const { entries, cursor } = await readTape(reader, run.context, this.reading, PAGE);
    this.reading = cursor;
    if (entries.length === 0) return false;
    for (const entry of entries) if (this.played.has(entry.position)) player.passOver(entry);
    for (const entry of entries) player.foresee(entry);
    this.ahead.push({ entries, cursor, readAt: wallClock.ticks() });
    return true;
  }

  /** Plays the oldest page when what belongs to it has had the time to come. */
  private async playDue(): Promise<boolean> {
    const [page] = this.ahead;
    if (!page || (wallClock.ticks() - page.readAt < (this.parts.holdMs ?? HOLD_MS) && this.ahead.length < AHEAD)) return false;
    for (const entry of page.entries) {
      if (!this.played.has(entry.position)) await this.parts.player.play(entry);
    }
    this.ahead.shift();
    await this.note(page);
    return true;
  }

  private async note({ entries, cursor }: Page): Promise<void> {
    const { database } = this.parts;
    await this.noteAt(cursor);
    await database.query('DELETE FROM played WHERE position = ANY ($1::bigint[])', [entries.map((it) => it.position)]);
  }

  private async noteAt(cursor: TapeCursor): Promise<void> {
    const { store, run, tally, player } = this.parts;
    const unplayed = this.ahead.reduce((sum, it) => sum + it.entries.length, 0);
    await store.note(run.id, cursor, tally.take(), unplayed + player.undecided);
    this.notedAt = wallClock.ticks();
  }

  private async rest(): Promise<void> {
    if (this.ahead.length === 0) {
      const { player, holdMs = HOLD_MS } = this.parts;
      const hasDecided = player.undecided > 0;
      await player.rest();
      if (hasDecided || wallClock.ticks() - this.notedAt > Math.min(SIGN_MS, holdMs)) await this.noteAt(this.reading);
    }
    await sleep(LOOK_MS, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}
