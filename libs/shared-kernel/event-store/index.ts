export { type EventOf, type Recorded, type SnapshotPlan, type StreamDefinition, defineStream, evolved, readEvent } from './stream.js';
export { EventStore, type Reading, type Standing } from './event-store.js';
export { type StreamAudit } from './audit.js';
export { EventUnreadable, VersionConflict } from './errors.js';
export { eventStoreMigrations } from './migrations.js';
