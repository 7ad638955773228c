export { verifyCommand } from './command.js';
export { ownTables } from './sql/tables.js';
