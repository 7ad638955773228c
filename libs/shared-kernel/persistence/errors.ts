import { defineError } from '../contract/index.js';

export const DatabaseAway = defineError({
  code: 'database-away', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'The database cannot be reached at the moment. Nothing was changed; send the request again after a moment.',
});

export const ConflictRetry = defineError({
  code: 'conflict-retry', http: 503, grpc: 'ABORTED', retryable: true,
  help: 'Another request changed or held the same data at the same time. Nothing was changed; send the request again.',
});

export const TransactionRolledBack = defineError({
  code: 'transaction-rolled-back', http: 500, grpc: 'INTERNAL', retryable: false,
  help: 'A step of the transaction failed and the code went on as if it had not; nothing was stored. This is a defect of the handler: let the error of the failed step pass.',
});

export const MigrationRefused = defineError({
  code: 'migration-refused', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The schema cannot be brought up to date as the code asks. The message names the migration and the way out; migrations are forward-only, so correct an applied one by adding another.',
});

export const DatabaseFolderUnusable = defineError({
  code: 'database-folder-unusable', http: 503, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The embedded PostgreSQL cannot use its data folder. The message says why. Nothing in it was changed or deleted: repair it, move it away, or set DATABASE_URL to a PostgreSQL of your own.',
});

export const EmbeddedDatabaseUnavailable = defineError({
  code: 'embedded-database-unavailable', http: 503, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The PostgreSQL that comes with npm cannot run on this machine or for this user. The message says why; a PostgreSQL of your own (DATABASE_URL) always works.',
});
