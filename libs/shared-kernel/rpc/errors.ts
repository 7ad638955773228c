import { defineError } from '../contract/index.js';

export const CommandKeyReused = defineError({
  code: 'command-key-reused', http: 422, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'This key was used for the same command with another input. A key stands for one intent: make a new one for a new intent.',
});

export const CommandInTransaction = defineError({
  code: 'command-in-transaction', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'A command was sent to another context while a transaction was open. Make it a step of a saga, or announce an event: both leave with the commit.',
});
