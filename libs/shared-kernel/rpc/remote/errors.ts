import { defineError } from '../../contract/index.js';

export const CallRefused = defineError({
  code: 'call-refused', http: 401, grpc: 'UNAUTHENTICATED', retryable: false,
  help: 'The call does not come from a service of this house. Only processes that share its facade may call each other.',
});
