export { endpointsOf } from './endpoints.js';
export { kernelRelations, ownRelations } from './relations.js';
