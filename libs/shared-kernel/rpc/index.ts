export { type CommandMeta, type Handled, type HandlesOptions, Handles, handledBy } from './handles.js';
export { Client, clientToken } from './client-token.js';
export { clientThrough, sendCommand } from './client.js';
export { type Call, type Transport } from './transport.js';
export { Dispatcher } from './dispatcher.js';
export { purgeCommandLog, rpcMigrations } from './command-log.js';
export { type WireError, errorFromWire, errorToWire } from './wire-error.js';
export { CommandInTransaction, CommandKeyReused } from './errors.js';
