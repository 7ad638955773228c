import { setTimeout as sleep } from 'node:timers/promises';
import { logger } from '../../observability/index.js';
import type { Database } from '../../persistence/index.js';
import { wallClock } from '../../runtime/index.js';
import type { RunStore } from '../findings/run-store.js';
import { keepersOf } from './ending.js';
import { isArmed } from './triggers.js';

/** What a warden looks after. */
export interface TapeWardenParts {
  readonly store: RunStore;
  /** Of the contexts that live here and can be written down. */
  readonly databases: ReadonlyMap<string, Database>;
  /** Is the context to be compared at the moment? */
  readonly isWanted: (context: string) => boolean;
  /** Lets nothing more onto the tape of a context, from whatever hand, and empties it, if that is so when nobody else begins or ends it. @returns whether it did */
  readonly endTape: (context: string, isToEnd: () => Promise<boolean>) => Promise<boolean>;
  /** The same, where nobody looks after it. */
  readonly endForgottenTape: (context: string, isToEnd: () => Promise<boolean>) => Promise<boolean>;
  /** How large a tape may become, in bytes; 1 GiB when left out. */
  readonly mostBytes?: number;
  /** How long nobody may play it before it is given up, in seconds; an hour when left out. */
  readonly mostSilence?: number;
  /** How long an entry stays after everybody has played it, in seconds; 60 when left out. */
  readonly keptSeconds?: number;
  readonly careMs?: number;
}

const [LOOK_MS, CARE_MS, MOST_BYTES, MOST_SILENCE_S] = [250, 5_000, 2 ** 30, 3_600];
const KEPT_S = 60;
/** After so many rounds of care it is looked for tapes that were forgotten. */
const ROUNDS = 12;
/** How many entries go at once. */
const BATCH = 5_000;

const log = logger('parallel-run');

/**
 * Sees to it that tapes run only while somebody plays them, and stay small: what was played goes, and a tape that grows
 * beyond its bound, or that nobody plays any more, is given up as a whole and said so. Whoever plays begins anew then, with
 * another copy. A tape that runs on although nobody wants it, since whoever kept it died first, is ended. Several processes
 * may do this at once.
 */
export class TapeWarden {
  private running: ReadonlySet<string> = new Set();
  private caredAt = -Infinity;
  private rounds = 0;
  private isStopping = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: TapeWardenParts) {}

  start(): void {
    this.looking = this.look();
  }

  async stop(): Promise<void> {
    this.isStopping = true;
    await this.looking;
  }

  /** Is the tape of this context running? What happens while this process does not know it yet is on the tape by other means. */
  isRunning(context: string): boolean {
    return this.running.has(context);
  }

  private async look(): Promise<void> {
    while (!this.isStopping) {
      await this.lookOnce().catch((error: unknown) => log.debug({ err: error }, 'Whether tapes run cannot be read; what was known goes on.'));
      await sleep(LOOK_MS);
    }
  }

  private async lookOnce(): Promise<void> {
    const { databases, isWanted, store, careMs = CARE_MS } = this.parts;
    const wanted = new Set([...databases.keys()].filter((it) => isWanted(it)));
    this.running = new Set(wanted.size === 0 ? [] : (await store.underWay()).filter((it) => wanted.has(it)));
    if (wallClock.ticks() - this.caredAt < careMs) return;
    this.caredAt = wallClock.ticks();
    for (const context of this.running) await this.trying(context, () => this.care(context));
    if (this.rounds % ROUNDS === 0) for (const [context, database] of databases) if (!wanted.has(context)) await this.trying(context, () => this.endForgotten(context, database));
    this.rounds += 1;
  }

  private trying(context: string, work: () => Promise<void>): Promise<void> {
    return work().catch((error: unknown) => log.warn({ context, err: error }, 'A tape could not be looked after; it is tried again.'));
  }

  private async endForgotten(context: string, database: Database): Promise<void> {
    const { store, isWanted, endForgottenTape } = this.parts;
    const isForgotten = async (): Promise<boolean> => {
      if (isWanted(context)) return false;
      await store.giveUp(context, 'It was left out of the stage "shadow" while nobody was there to end it.');
      return true;
    };
    if (!await isArmed(database) || !await endForgottenTape(context, isForgotten)) return;
    log.warn({ context }, 'A tape ran on that nobody plays any more; it was ended.');
  }

  private async care(context: string): Promise<void> {
    const { store, databases, mostBytes = MOST_BYTES, mostSilence = MOST_SILENCE_S, keptSeconds = KEPT_S } = this.parts;
    const database = databases.get(context);
    if (!database) return;
    const runs = await store.played(context);
    // What is found without a control is worth keeping; a control alone tells nothing.
    const isAlive = runs.some((it) => it.purpose === 'shadow' && it.silentSeconds <= mostSilence);
    const control = runs.find((it) => it.purpose === 'control' && it.silentSeconds > mostSilence);
    if (isAlive && control) {
      await store.giveUp(context, `The control has not played the tape for ${Math.round(control.silentSeconds)} seconds; the shadow goes on without it.`, 'control');
      return;
    }
    const seen = runs.map((it) => it.seen);
    // Whoever makes a copy will play all that the copy does not show; what that is, nobody else knows.
    const isBeingCopied = (await keepersOf(database, context)).some((purpose) => !runs.some((it) => it.purpose === purpose));
    for (let gone = isBeingCopied ? 0 : BATCH; gone === BATCH && seen.length > 0;) gone = await trim(database, seen, keptSeconds);
    const [size] = await database.query<{ bytes: number; entries: number }>(`SELECT pg_total_relation_size('tape')::bigint AS bytes, (SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'tape'::regclass) AS entries`);
    if (size && size.bytes > mostBytes) return this.giveUp(context, runs, `The tape grew to ${size.bytes} bytes, more than the ${mostBytes} that it may have, since it is played more slowly than written. About ${size.entries} entries were dropped unplayed, and a new copy is made.`);
    const silentSeconds = Math.max(0, ...runs.map((it) => it.silentSeconds));
    if (silentSeconds > mostSilence) await this.giveUp(context, runs, `Nobody has played the tape for ${Math.round(silentSeconds)} seconds. What was on it was dropped unplayed; start the extracted app again, or take the context back: npx banyan stage ${context} embedded`);
  }

  /** @param runs that were looked at; another process may have given them up, and others may play anew */
  private async giveUp(context: string, runs: readonly { readonly id: string }[], because: string): Promise<void> {
    const { store, endTape } = this.parts;
    const isEnded = await endTape(context, async () => {
      const now = await store.played(context);
      if (!runs.every(({ id }) => now.some((it) => it.id === id))) return false;
      this.running = new Set([...this.running].filter((it) => it !== context));
      return store.giveUp(context, because);
    });
    if (isEnded) log.error({ context, because }, 'A tape was given up.');
  }
}

/** Deletes what every snapshot shows. @returns how many entries went */
async function trim(database: Database, seen: readonly string[], keptSeconds: number): Promise<number> {
  const [row] = await database.query<{ gone: number }>(
    `WITH gone AS (
       DELETE FROM tape WHERE position = ANY (ARRAY(
         SELECT position FROM tape WHERE at < clock_timestamp() - make_interval(secs => $2) AND (SELECT bool_and(pg_visible_in_snapshot(xid, seen::pg_snapshot)) FROM unnest($1::text[]) AS seen)
          ORDER BY position LIMIT $3)) RETURNING 1)
     SELECT count(*)::int AS gone FROM gone`,
    [seen, keptSeconds, BATCH],
  );
  return row?.gone ?? 0;
}
