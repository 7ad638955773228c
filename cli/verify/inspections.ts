import { loggingModule } from '@banyan/kernel/observability';
import { declarationsOf } from '../house/index.js';
import { determinismWall } from './determinism/wall.js';
import { eventsWall } from './events/wall.js';
import { importsWall } from './imports/wall.js';
import { injectionWall } from './injection/wall.js';
import { SchemaSource } from './sql/database.js';
import { schemaInputs } from './sql/schemas.js';
import { schemasWall, statementsWall } from './sql/wall.js';
import type { Inspection, Inspections } from './verify.js';
import type { WallName } from './violation.js';

/**
 * Brings the walls that are asked for, with the database that two of them need, and takes it away afterwards.
 * @param databaseUrl a database that runs already; an empty one is started when it is left out
 */
export async function withInspections<T>(asked: readonly WallName[], databaseUrl: string | undefined, work: (inspections: Inspections) => Promise<T>): Promise<T> {
  const needsDatabase = asked.includes('sql') || asked.includes('determinism');
  const source = needsDatabase ? (databaseUrl === undefined ? SchemaSource.empty() : SchemaSource.running(databaseUrl)) : undefined;
  loggingModule({ service: 'banyan verify', level: 'fatal' }); // stdout is for the verdict; what goes wrong is part of it
  const stopListening = whenTold(async () => source?.close());
  try {
    const all = { imports: [importsWall], injection: [injectionWall], events: [eventsWall], ...(source && schemaInspections(source)) };
    return await work(Object.fromEntries(asked.flatMap((wall) => (wall in all ? [[wall, (all as Inspections)[wall] ?? []]] : []))));
  } finally {
    await source?.close();
    stopListening();
  }
}

/** All that can be seen without a database. */
export const fromSources: Inspections = {
  imports: [importsWall], injection: [injectionWall], sql: [statementsWall], events: [eventsWall], determinism: [determinismWall],
};

/** Whoever presses Ctrl-C should not be left with a PostgreSQL. */
function whenTold(clean: () => Promise<void>): () => void {
  const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
  const listeners = Object.entries(signals).map(([signal, exitCode]) => {
    const listener = (): void => { void clean().finally(() => process.exit(exitCode)); };
    process.once(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => { for (const stop of listeners) stop(); };
}

function schemaInspections(source: SchemaSource): Record<'sql' | 'determinism', readonly Inspection[]> {
  return {
    sql: [statementsWall, (house) => source.look(declarationsOf(house), ({ client, unmade }) => schemasWall(house, client, unmade))],
    determinism: [determinismWall, (house) => source.look(declarationsOf(house), ({ client }) => schemaInputs(house, client))],
  };
}
