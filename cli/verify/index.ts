export { verifyCommand } from './command.js';
export { nestContents, verifySources } from './for-readiness.js';
export type { Provided } from './injection/dependencies.js';
export type { Violation } from './violation.js';
export type { Exception } from './exceptions.js';
