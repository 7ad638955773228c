export { DatabaseNotDurable, assertDurable } from './assert-durable.js';
export { Database, type LineOutcome } from './database.js';
export { TurnsMixed } from './turn.js';
export { NotRehearsed } from './rehearsal.js';
export { type AnnouncedEvent, type Ending, type Occasion, type Question, type Watched, type Witness, witnessed } from './witness.js';
export { type DatabaseOptions, openDatabase } from './open-database.js';
export { type PoolFigures, poolFigures } from './pool-figures.js';
export { type Migration } from './migrate.js';
export { type ContextProvision, provisionContext } from './provision-context.js';
export {
  ConflictRetry, DatabaseAway, DatabaseFolderUnusable, EmbeddedDatabaseUnavailable, MigrationRefused, TransactionRolledBack,
} from './errors.js';
export { isTransient } from './translate.js';
export { derivedKey } from './password.js';
export { type EmbeddedDatabase, type EmbeddedDatabaseOptions, startEmbeddedDatabase } from './embedded/embedded-database.js';
