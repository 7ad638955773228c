export { graphCommand } from './command.js';
