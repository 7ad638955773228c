export { readinessCommand } from './command.js';
