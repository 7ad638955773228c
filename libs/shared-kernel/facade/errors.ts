import { defineError } from '../contract/index.js';

export const StagePreconditionFailed = defineError({
  code: 'stage-precondition-failed', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The context cannot be moved there as things are; every check is listed with its figures. See to those that failed and send it again.',
});

export const NoInstance = defineError({
  code: 'no-instance', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'No process of the app that this part was lifted into can take the request at the moment. Nothing was done; send it again after a moment.',
});
