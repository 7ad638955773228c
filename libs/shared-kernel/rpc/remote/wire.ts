import { z } from 'zod';
import { currentInput, type InputSeed, deadlineIn, remainingMs } from '../../runtime/index.js';
import type { Call } from '../transport.js';
import type { WireError } from '../wire-error.js';

/** The one pattern of Nest's under which calls travel. */
export const CALL = 'banyan.call';

/** The queue that takes the calls of an app; shared by its processes. */
export function queueOf(namespace: string, app: string): string {
  return `${namespace}.calls.${app}`;
}

/** What a queue of calls is like: calls are short-lived, so it holds them in memory, and it goes when nobody has used it for long. */
export const queueOptions = { durable: true, arguments: { 'x-expires': 24 * 3_600_000, 'x-max-length': 100_000, 'x-overflow': 'reject-publish' } } as const;

/** An answer as it travels. */
export type Reply = { readonly is: 'done'; readonly value?: unknown } | { readonly is: 'failed'; readonly error: WireError };

/** The app that sends calls must say who it is; both ends agree on how. */
export abstract class ServiceIdentity {
  /** A short-lived token that is good for this app alone. */
  abstract tokenFor(app: string): Promise<string>;
  /** @throws BanyanError when the token is not one that a service of this house made for this app */
  abstract verify(token: string): Promise<{ readonly service: string }>;
}

const callSchema = z.strictObject({ operation: z.string(), input: z.unknown(), idempotencyKey: z.string().optional() });

/** @throws ZodError when it is no call */
export function readCall(data: unknown): Call {
  const { operation, input, idempotencyKey } = callSchema.parse(data);
  return { operation, input, idempotencyKey };
}

const principalSchema = z.object({ id: z.string(), roles: z.array(z.string()) });

const headersSchema = z.object({
  'x-service-token': z.string().optional(),
  'x-correlation-id': z.string().optional(),
  'x-causation-id': z.string().optional(),
  traceparent: z.string().optional(),
  'x-principal': z.string().optional(),
  'x-tenant': z.string().optional(),
  'x-deadline-ms': z.coerce.number().optional(),
  'x-banyan-fault': z.string().optional(),
});

/** What the caller's input tells the callee, beside the call. @param deadlineMs milliseconds that the callee has */
export function headersFor(token: string, deadlineMs: number): Record<string, string> {
  const input = currentInput();
  return Object.fromEntries(Object.entries({
    'x-service-token': token,
    'x-correlation-id': input?.correlationId,
    'x-causation-id': input?.inputId,
    traceparent: input?.traceparent,
    'x-principal': input?.principal && JSON.stringify(input.principal),
    'x-tenant': input?.tenant,
    'x-deadline-ms': String(Math.round(deadlineMs)),
    'x-banyan-fault': input?.faults,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

/** The token of a call, and the input that it is handled in. */
export function readHeaders(given: unknown): { readonly token: string | undefined; readonly seed: InputSeed } {
  const headers = headersSchema.parse(given ?? {});
  const principal = headers['x-principal'] === undefined ? undefined : principalSchema.parse(JSON.parse(headers['x-principal']));
  const fields = {
    correlationId: headers['x-correlation-id'], causationId: headers['x-causation-id'], traceparent: headers.traceparent, principal, tenant: headers['x-tenant'], faults: headers['x-banyan-fault'],
    deadline: headers['x-deadline-ms'] === undefined ? undefined : deadlineIn(headers['x-deadline-ms']),
  };
  return { token: headers['x-service-token'], seed: Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) };
}

/** A call without any deadline gets this one, in milliseconds. */
const DEADLINE_MS = 30_000;

/** How long a call that is sent now may take. */
export function callMs(): number {
  return Math.min(remainingMs(), DEADLINE_MS);
}
