export { type Side, type Stage, type Standing, placeOf, shareOf, stages } from './stage.js';
export { StageTable } from './stage-table.js';
export { type Check, type JournalEntry, type Move, type Precondition, StageChanges, type StageWish } from './stage-changes.js';
export { type Instance, Presence, livingInstances } from './instances.js';
export { FACADE, facadeMigrations } from './migrations.js';
export { NoInstance, StagePreconditionFailed } from './errors.js';
export { ServiceKeys } from './service-keys.js';
export { HttpRouting } from './routing.js';
export { Facade, type FacadeSettings, MONOLITH } from './facade.js';
