import { replayTape } from '../app/index.js';
import type { Difference } from '../comparison/index.js';
import { type ContextDeclaration, kernelMigrations, kernelTables } from '../context/index.js';
import { dropCopy, inputTapeSchema, makeCopy } from '../parallel-run/index.js';
import { derivedKey, provisionContext } from '../persistence/index.js';
import { preparedDatabase } from './prepared-database.js';

/**
 * Does one input of a parallel run again, with the context as it is now: starts it alone on a database of its own, with the
 * rows that were there before, answers what it asks outside from the tape, and compares rows, events, calls and the response
 * with the original's. `npx banyan shadow export` writes tests that use it.
 * @param tape what the export has written
 * @param environment variables that the context is told its settings by, such as `{ PAYMENTS_LEDGER: 'events' }`
 * @returns what it did differently; nothing, when it does the same
 * @throws ZodError when the tape is not one
 */
export async function replayed(declaration: ContextDeclaration, tape: unknown, environment: Readonly<Record<string, string>> = {}): Promise<readonly Difference[]> {
  const { name, migrations } = declaration;
  const story = inputTapeSchema.parse(tape);
  const schema = { name, migrations: [...kernelMigrations, ...migrations] };
  const database = await preparedDatabase([schema]);
  // What is personal was hashed before it was stored.
  const plan = {
    context: name, sourceUrl: database.url, targetUrl: database.url, purpose: 'shadow' as const, kernelTables, migrations: schema.migrations,
    personal: [], key: derivedKey(database.url, 'replayed'),
  };
  try {
    await provisionContext({ adminUrl: database.url, ...schema });
    const copy = await makeCopy(plan);
    return await replayTape(declaration, copy, story, environment);
  } finally {
    await dropCopy(plan);
    await database.drop();
  }
}
