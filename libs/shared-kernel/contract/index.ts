export { BanyanError, type ErrorClass, type ErrorDefinition, type FieldProblem, allErrors, defineError } from './errors.js';
export {
  DeadlineExceeded, Internal, InvalidInput, MaybeExecuted, NotFound, Unavailable,
} from './common-errors.js';
export { type CommandDefinition, type InputOf, type Operation, type OutputOf, type QueryDefinition, command, query } from './operation.js';
export { type EventDefinition, type EventDraft, type EventEnvelope, type PayloadOf, envelopeSchema, event, readPayload } from './event.js';
export { type ClientOf, type CommandOptions, type Contract, defineContract } from './define-contract.js';
export { fieldProblems } from './field-problems.js';
export { cursorPage, idSchema, isoDate, isoInstant, moneySchema, skuSchema, text } from './schemas.js';
