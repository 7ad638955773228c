export { type OperationsParts, operationsModule } from './operations.module.js';
