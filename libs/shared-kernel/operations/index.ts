export { operationsModule } from './operations.module.js';
