export { stageCommand } from './command.js';
