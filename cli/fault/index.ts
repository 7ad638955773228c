export { faultCommand } from './command.js';
