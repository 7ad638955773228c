export { graphCommand } from './command.js';
export { endpointsOf } from './endpoints.js';
