import { defineError } from './errors.js';

/** Errors that any room may need; a context defines its own in its contract. */
export const InvalidInput = defineError({
  code: 'invalid-input', http: 400, grpc: 'INVALID_ARGUMENT', retryable: false,
  help: 'The request does not have the documented form. Every wrong field is listed; correct them and send it again.',
});

export const NotFound = defineError({
  code: 'not-found', http: 404, grpc: 'NOT_FOUND', retryable: false,
  help: 'There is nothing under this address, or it is not yours to see.',
});

export const Unavailable = defineError({
  code: 'unavailable', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'A part of the system that this request needs is away. Nothing was changed; send it again after a moment.',
});

export const DeadlineExceeded = defineError({
  code: 'deadline-exceeded', http: 504, grpc: 'DEADLINE_EXCEEDED', retryable: true,
  help: 'The answer took longer than allowed. A write may have happened: send it again with the same Idempotency-Key.',
});

export const MaybeExecuted = defineError({
  code: 'maybe-executed', http: 503, grpc: 'UNKNOWN', retryable: true,
  help: 'The other side may have done it. Ask again with the same key: it answers with what it did.',
});

/** Whatever is not in the catalogue. It never carries the text of what broke: that is in the log. */
export const Internal = defineError({
  code: 'internal', http: 500, grpc: 'INTERNAL', retryable: false,
  help: 'Something broke on our side. Report the traceId: the log has the rest.',
});
