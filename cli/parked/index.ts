export { parkedCommand } from './command.js';
