export { reporting } from './src/reporting.context.js';
