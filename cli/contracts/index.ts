export { contractsCommand } from './command.js';
export { checkContracts } from './check.js';
export { asyncApiFile } from './asyncapi/file.js';
