import { defineContract, defineError, event, idSchema, query, text } from '@banyan/kernel/contract';
import { z } from 'zod';

export const EmailTaken = defineError({
  code: 'email-taken', http: 409, grpc: 'ALREADY_EXISTS', retryable: false,
  help: 'Somebody has registered with this email address, in whatever case it was written. Sign in, or use another address.',
});

/** One answer for an unknown address and a wrong password, so that nobody learns who is registered. */
export const WrongCredentials = defineError({
  code: 'wrong-credentials', http: 401, grpc: 'UNAUTHENTICATED', retryable: false,
  help: 'No user has this email address together with this password. Check both, and register first if you have not.',
});

export const SessionEnded = defineError({
  code: 'session-ended', http: 401, grpc: 'UNAUTHENTICATED', retryable: false,
  help: 'The refresh token is unknown or expired, or its session was ended. Sign in again.',
});

export const RefreshTokenReused = defineError({
  code: 'refresh-token-reused', http: 401, grpc: 'UNAUTHENTICATED', retryable: false,
  help: 'A refresh token works once and this one was used before, so somebody may have a copy: the whole session was ended. Sign in again, and refresh one at a time.',
});

export const LastOperator = defineError({
  code: 'last-operator', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Nobody else is an operator, and without one nobody could make the next. Give the role to somebody else first.',
});

/** A person or a service account has come to be. */
const userRegistered = event('identity.user-registered', {
  version: 1,
  aggregateType: 'user',
  aggregateId: (user) => user.userId,
  payload: z.strictObject({ userId: idSchema, email: z.string(), name: text(1, 200) }),
});

/** The public keys (RFC 7517) that access tokens can be verified with: the current one, those still in use, the next. */
const signingKeys = query('identity.signing-keys', {
  input: z.strictObject({}),
  output: z.strictObject({ keys: z.array(z.record(z.string(), z.unknown())) }),
});

/** Was a session (the `sid` of an access token) ended? One that nobody knows of counts as ended. */
const sessionStatus = query('identity.session-status', {
  input: z.strictObject({ sessionId: idSchema }),
  output: z.strictObject({ isRevoked: z.boolean() }),
});

export const identityContract = defineContract({
  name: 'identity',
  commands: {},
  queries: { signingKeys, sessionStatus },
  events: { userRegistered },
});
