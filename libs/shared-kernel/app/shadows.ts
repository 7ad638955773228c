import { type ContextDeclaration, kernelMigrations, kernelTables } from '../context/index.js';
import type { Check, Facade } from '../facade/index.js';
import { Findings, PARALLEL_RUN, Recorder, Redaction, RunStore, ShadowKeeper, TapeWarden, endForgottenTape, endTape, parallelRunMigrations, promotionGate } from '../parallel-run/index.js';
import { type Database, type Witness, derivedKey, openDatabase, provisionContext } from '../persistence/index.js';
import type { AppConfig } from './config.js';
import { promisedParts } from './promised-parts.js';

type UrlOf = (context: string) => string;

/** The results of parallel runs, opened. */
export interface Runs {
  readonly store: RunStore;
  readonly database: Database;
  readonly url: string;
  close(): Promise<void>;
}

/** The results of parallel runs, as they are kept for all of the house. */
export async function openRuns(databaseUrl: string): Promise<Runs> {
  const { url } = await provisionContext({ adminUrl: databaseUrl, name: PARALLEL_RUN, migrations: parallelRunMigrations });
  const database = await openDatabase({ context: PARALLEL_RUN, url, poolSize: 2, applicationName: 'banyan-parallel-run' });
  return { store: new RunStore(database), database, url, close: () => database.close() };
}

/** What parallel runs have found of these contexts, for whoever moves them; from here on a shadow that has found too little holds them back. */
export function findingsOf({ database }: Runs, contexts: readonly ContextDeclaration[], facade: Facade): Findings {
  const parts = new Map(contexts.map((it) => [it.name, promisedParts(it)]));
  const findings = new Findings(database, (context) => parts.get(context) ?? []);
  facade.changes.require(promotionGate(findings));
  facade.changes.require(async ({ context, to }) => (to.stage === 'shadow' ? recordable(context, contexts) : undefined));
  return findings;
}

function recordable(context: string, contexts: readonly ContextDeclaration[]): Check {
  const isDeclared = contexts.find(({ name }) => name === context)?.personal !== undefined;
  return {
    name: 'recordable', ok: isDeclared, figures: { personal: isDeclared ? 'declared' : 'not declared' },
    explanation: `${context} does not say what is personal in its data, so nothing of it is written down: name the fields in \`personal\` of its declaration.`,
  };
}

/** The tapes of the contexts that live in this process. */
export interface Tapes {
  /** Who writes down what a context does while its tape runs; nobody, where the context does not say who is in its data. */
  witnessOf(declaration: ContextDeclaration, database: Database): Witness | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export function tapesOf(runs: Runs, { app, facade, urlOf, reads }: { readonly app: string; readonly facade: Facade; readonly urlOf: UrlOf; readonly reads: number }): Tapes {
  const databases = new Map<string, Database>();
  const declared = new Map<string, readonly string[]>();
  const warden = new TapeWarden({
    store: runs.store, databases, isWanted: (context) => facade.isInShadow(context), endTape: (context, isToEnd) => endTape(urlOf(context), context, isToEnd),
    endForgottenTape: (context, isToEnd) => endForgottenTape(urlOf(context), context, isToEnd),
  });
  return {
    witnessOf: ({ name, personal }, database) => {
      if (!personal) return undefined;
      databases.set(name, database);
      declared.set(name, personal);
      return new Recorder({ database, redaction: new Redaction(personal, tapeKey(urlOf(name))), isOn: () => warden.isRunning(name), reads });
    },
    start: async () => {
      for (const [context, personal] of declared) await runs.store.noteRecording(app, context, personal);
      warden.start();
    },
    stop: () => warden.stop(),
  };
}

/** Looks after a shadow of each of these contexts, for as long as their stage says so. @returns what ends it */
export async function keepShadows(contexts: readonly ContextDeclaration[], config: AppConfig, { facade, runs, urlOf }: {
  readonly facade: Facade; readonly runs: Runs; readonly urlOf: UrlOf;
}): Promise<() => Promise<void>> {
  const keepers = await Promise.all(contexts.flatMap(({ name, personal, migrations }) => (personal ? [keeperOf(name, personal, migrations)] : [])));
  for (const keeper of keepers) keeper.start();
  return async () => { await Promise.all(keepers.map((it) => it.stop())); };

  async function keeperOf(context: string, personal: readonly string[], migrations: ContextDeclaration['migrations']): Promise<ShadowKeeper> {
    const sourceUrl = urlOf(context);
    const { url: tapeUrl } = await provisionContext({ adminUrl: sourceUrl, name: PARALLEL_RUN, migrations: parallelRunMigrations });
    return new ShadowKeeper({
      plan: {
        context, sourceUrl, targetUrl: config.shadow.databaseUrl ?? sourceUrl, purpose: config.shadow.purpose,
        migrations: [...kernelMigrations, ...migrations], kernelTables, personal, key: tapeKey(sourceUrl),
      },
      store: runs.store, tapeUrl, storeUrl: runs.url, isWanted: () => facade.isInShadow(context), program: process.argv.slice(1, 2), environment: config.open,
    });
  }
}

/** All that may administrate the context's database come to the same key; it is stored with no tape. */
function tapeKey(adminUrl: string): Buffer {
  return derivedKey(adminUrl, 'banyan tape');
}
