export { type Input, type InputSeed, type Principal, currentInput, inputFromEvent, newTrace, requireInput, runInput } from './input.js';
export { Slot } from './slot.js';
export { Clock } from './clock.js';
export { Ids } from './ids.js';
export { Random } from './random.js';
export { Secrets } from './secrets.js';
export { checkDeadline, deadlineIn, remainingMs } from './deadline.js';
export { wallClock } from './wall-clock.js';
export { type AppFacts, type ContextSettings, defineSettings, isDecodable, isWellKnownPassword } from './settings.js';
