export { ordering } from './src/ordering.context.js';
export { OrderingSettings } from './src/ordering-settings.js';
