export { shipping } from './src/shipping.context.js';
