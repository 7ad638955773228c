export { inventory } from './src/inventory.context.js';
