export { shadowCommand } from './command.js';
