export { extractCommand } from './command.js';
