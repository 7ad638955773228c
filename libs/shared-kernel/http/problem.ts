import { HttpException } from '@nestjs/common';
import { BanyanError, DeadlineExceeded, InvalidInput, NotFound, Unavailable, type ErrorClass, type FieldProblem } from '../contract/index.js';
import { currentInput } from '../runtime/index.js';
import {
  BodyTooLarge, Forbidden, HeadersTooLarge, Internal, MalformedJson, MalformedRequest, MethodNotAllowed, PreconditionFailed,
  RequestRefused, RequestTimeout, Unauthenticated, UnsupportedMediaType, UriTooLong,
} from './errors.js';

/** RFC 9457, with our members `code`, `traceId` and `errors`, and what the error adds by itself. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly traceId: string | undefined;
  readonly errors?: readonly FieldProblem[];
  readonly [detail: string]: unknown;
}

/** An error as it is answered. */
export interface Refusal {
  readonly error: BanyanError;
  readonly status: number;
}

const BY_FASTIFY_CODE: Readonly<Record<string, ErrorClass>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: BodyTooLarge,
  FST_ERR_CTP_INVALID_MEDIA_TYPE: UnsupportedMediaType,
  FST_ERR_CTP_EMPTY_TYPE: UnsupportedMediaType,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: MalformedRequest,
  FST_ERR_CTP_EMPTY_JSON_BODY: MalformedJson,
  FST_ERR_CTP_INVALID_JSON_BODY: MalformedJson,
  FST_ERR_BAD_URL: MalformedRequest,
  FST_ERR_MAX_PARAM_LENGTH: UriTooLong,
  FST_ERR_HANDLER_TIMEOUT: DeadlineExceeded,
};

const BY_STATUS: Readonly<Record<number, ErrorClass>> = {
  401: Unauthenticated, 403: Forbidden, 404: NotFound, 405: MethodNotAllowed, 408: RequestTimeout,
  412: PreconditionFailed, 413: BodyTooLarge, 414: UriTooLong, 415: UnsupportedMediaType, 431: HeadersTooLarge,
  503: Unavailable, 504: DeadlineExceeded,
};

/** Any error as a catalogued one: ours as it is, Nest's and Fastify's by what they mean, all others as `internal`. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof BanyanError) return { error, status: error.definition.http };
  const status = statusOf(error);
  const known = BY_FASTIFY_CODE[fastifyCodeOf(error) ?? ''] ?? BY_STATUS[status];
  if (known) return { error: refusal(known, error), status: known.definition.http };
  if (status >= 400 && status < 500) return { error: refusal(RequestRefused, error), status };
  return { error: refusal(Internal, error), status: 500 };
}

/** The body of the answer. Texts of errors that are a defect here stay in the log. */
export function problemOf({ error, status }: Refusal): Problem {
  const { code, help } = error.definition;
  return {
    ...error.details,
    type: `/problems/${code}`,
    title: titleOf(code),
    status,
    detail: status === 500 ? help : error.message,
    code,
    traceId: currentInput()?.traceId,
    ...(error.fields.length > 0 || error instanceof InvalidInput ? { errors: error.fields } : {}),
  };
}

/** Headers that an answer of this kind needs, RFC 6750 and RFC 9110. */
export function headersOf({ error, status }: Refusal): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': 'application/problem+json; charset=utf-8', 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff',
  };
  if (status === 401) headers['WWW-Authenticate'] = challenge(error);
  if (status === 403) headers['WWW-Authenticate'] = 'Bearer error="insufficient_scope"';
  if (error.definition.retryable && [409, 429, 503].includes(status)) headers['Retry-After'] = '1';
  return headers;
}

/** `order-not-found` → `Order not found`. */
export function titleOf(code: string): string {
  const words = code.replaceAll('-', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function challenge(error: BanyanError): string {
  return error.details['reason'] === undefined ? 'Bearer' : `Bearer error="invalid_token", error_description="${error.message.replaceAll('"', "'")}"`;
}

function refusal(known: ErrorClass, error: unknown): BanyanError {
  // Whoever threw an exception of Nest's on purpose wrote its text for the client; the router's quotes the address.
  const meant = error instanceof HttpException && error.cause === undefined && known !== NotFound && known !== Internal;
  return new known(meant ? error.message : known.definition.help);
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status: unknown = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

/** Nest wraps Fastify's errors; the original is the cause. */
function fastifyCodeOf(error: unknown): string | undefined {
  for (const it of [error, error instanceof Error ? error.cause : undefined]) {
    const code: unknown = it instanceof Error && 'code' in it ? it.code : undefined;
    if (typeof code === 'string') return code;
  }
  return undefined;
}
