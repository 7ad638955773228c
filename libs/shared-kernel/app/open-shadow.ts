import { setTimeout as sleep } from 'node:timers/promises';
import type { ContextDeclaration } from '../context/index.js';
import { defineComparison } from '../comparison/index.js';
import { PARALLEL_RUN, Player, type Purpose, Remembered, RunStore, Shadow, Snapshot, StageHand, Tally } from '../parallel-run/index.js';
import { openDatabase } from '../persistence/index.js';
import { Rehearsal, type RehearsalSettings } from './rehearsal.js';

/** Where the tape, the copy and the results are. */
export interface ShadowPlaces {
  readonly purpose: Purpose;
  readonly copyUrl: string;
  readonly tapeUrl: string;
  readonly storeUrl: string;
}

/** Whatever the candidate still hangs in is not waited for longer than this. */
const LAST_WORDS_MS = 2_000;

/** A shadow with its databases open. */
export interface OpenShadow {
  readonly run: string;
  /** Plays until it is stopped. @throws what keeps it from playing */
  follow(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Opens the shadow of a context, on the copy of the run that is under way.
 * @throws Error when there is none, DatabaseAway
 */
export async function openShadow(
  declaration: ContextDeclaration, { purpose, copyUrl, tapeUrl, storeUrl }: ShadowPlaces, settings: RehearsalSettings & { readonly holdMs?: number; readonly hangMs?: number },
): Promise<OpenShadow> {
  const applicationName = `banyan-${purpose}-${declaration.name}`;
  const [database, reader, results] = await Promise.all([
    openDatabase({ context: declaration.name, url: copyUrl, entities: [...declaration.entities], poolSize: 6, applicationName }),
    openDatabase({ context: PARALLEL_RUN, url: tapeUrl, poolSize: 2, applicationName }),
    openDatabase({ context: PARALLEL_RUN, url: storeUrl, poolSize: 2, applicationName }),
  ]);
  const store = new RunStore(results);
  const run = await store.current(declaration.name, purpose);
  if (!run) throw new Error(`No ${purpose} of ${declaration.name} is under way. It is started by the extracted app, when the context's stage is "shadow".`);
  const tally = new Tally(run.latency ?? undefined);
  const hand = new StageHand(database, declaration.personal);
  database.witness = hand;
  const rehearsal = await Rehearsal.open(declaration, database, settings);
  const rules = declaration.comparison ?? defineComparison({});
  const player = new Player({
    database, hand, tally, keys: run.keys, rules, from: Snapshot.of(run.upto ?? run.seen), perform: (input) => rehearsal.perform(input),
    remembered: new Remembered(database, declaration), ...(settings.hangMs !== undefined && { hangMs: settings.hangMs }),
  });
  const shadow = new Shadow({ run, store, reader, database, player, tally, ...(settings.holdMs !== undefined && { holdMs: settings.holdMs }) });
  return {
    run: run.id,
    follow: () => shadow.follow(),
    stop: async () => {
      await shadow.stop();
      await rehearsal.close();
      await Promise.race([Promise.all([database, reader, results].map((it) => it.close())), sleep(LAST_WORDS_MS, undefined, { ref: false })]);
    },
  };
}
