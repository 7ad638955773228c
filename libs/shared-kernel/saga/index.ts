export { call, local, pivot, undo } from './steps.js';
export { type SagaDefinition, defineSaga } from './define-saga.js';
export { type FailedSaga, type Refusal, type RunningSaga, type SagaReason } from './step.js';
export { Sagas } from './sagas.js';
export type { SagaFigures, SagaStep, SagaStory } from './story.js';
export { SagaExecutor, type SagaExecutorParts } from './executor.js';
export { type SagaObserver } from './observer.js';
export { type SagaSettings } from './settings.js';
export { sagaMigrations } from './migrations.js';
