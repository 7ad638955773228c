export { graphCommand } from './command.js';
export { type Endpoint, endpointsOf } from './endpoints.js';
