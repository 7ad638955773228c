export { migrationsCommand } from './command.js';
