export { catalog } from './src/catalog.context.js';
