export { contractsCommand } from './command.js';
export { asyncApiFile } from './asyncapi/file.js';
