export { CONNECTION_HELP, connectionOf } from './config.js';
export { Client } from './client.js';
export { table } from './table.js';
