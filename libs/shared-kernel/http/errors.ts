import { defineError } from '../contract/index.js';

export { Internal } from '../contract/index.js';

export const Unauthenticated = defineError({
  code: 'unauthenticated', http: 401, grpc: 'UNAUTHENTICATED', retryable: false,
  help: 'The request names nobody, or its access token is not valid (any more). Sign in and send the token as `Authorization: Bearer …`.',
});

export const Forbidden = defineError({
  code: 'forbidden', http: 403, grpc: 'PERMISSION_DENIED', retryable: false,
  help: 'You are signed in, but your roles do not allow this.',
});

export const PreconditionFailed = defineError({
  code: 'precondition-failed', http: 412, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'It has changed since you read it. Read it again, redo your change and send the new ETag in If-Match.',
});

export const IdempotencyKeyMissing = defineError({
  code: 'idempotency-key-missing', http: 400, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'Writes need an Idempotency-Key header of 1 to 255 printable ASCII characters. Make a new one per intent and keep it when you retry.',
});

export const IdempotencyKeyReused = defineError({
  code: 'idempotency-key-reused', http: 422, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'This Idempotency-Key was used for another request. Use a new key for a new intent.',
});

export const RequestInProgress = defineError({
  code: 'request-in-progress', http: 409, grpc: 'ABORTED', retryable: true,
  help: 'A request with this Idempotency-Key is still running. Send it again after Retry-After seconds to get its answer.',
});

export const MalformedJson = defineError({
  code: 'malformed-json', http: 400, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The body is not JSON, or not JSON that can be stored. The detail says where.',
});

export const MalformedRequest = defineError({
  code: 'malformed-request', http: 400, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The request is not valid HTTP, or its address is not a valid URL.',
});

export const BodyTooLarge = defineError({
  code: 'body-too-large', http: 413, grpc: 'RESOURCE_EXHAUSTED', retryable: false,
  help: 'The body is larger than this server reads. Split the request.',
});

export const UriTooLong = defineError({
  code: 'uri-too-long', http: 414, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The address, or a part of it, is longer than this server reads.',
});

export const UnsupportedMediaType = defineError({
  code: 'unsupported-media-type', http: 415, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'Send the body as JSON, with the header `Content-Type: application/json`.',
});

export const MethodNotAllowed = defineError({
  code: 'method-not-allowed', http: 405, grpc: 'UNIMPLEMENTED', retryable: false,
  help: 'There is something under this address, but not for this method. The Allow header names the methods it has.',
});

export const HeadersTooLarge = defineError({
  code: 'headers-too-large', http: 431, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The headers together are larger than this server reads.',
});

export const RequestTimeout = defineError({
  code: 'request-timeout', http: 408, grpc: 'DEADLINE_EXCEEDED', retryable: true,
  help: 'The request did not arrive completely in time. Send it again.',
});

/** Any other refusal that a library below answers with a 4xx status. */
export const RequestRefused = defineError({
  code: 'request-refused', http: 400, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The request cannot be served as it is. The status and the detail say why.',
});

export const NotReady = defineError({
  code: 'not-ready', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'This process is starting, stopping, or lacks something that it needs. The checks say what.',
});
