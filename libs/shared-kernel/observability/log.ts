import { randomUUID } from 'node:crypto';
import { pino, stdTimeFunctions } from 'pino';
import { currentInput, newTrace } from '../runtime/index.js';
import { readableError } from './readable-error.js';
import { SECRET_FIELDS } from './secrets.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

type Write = (fields: Readonly<Record<string, unknown>>, text: string) => void;

/** Writes lines. Fields are ids, counts and durations, never payloads; an error goes under `err`. */
export type Log = Readonly<Record<Exclude<LogLevel, 'silent'>, Write>>;

/** What can take finished lines; each ends with a newline. */
export interface LogDestination {
  write(line: string): void;
}

/** Correlation of all lines that belong to no input: start, stop, timers. */
const boot = { correlationId: randomUUID(), traceId: newTrace(undefined).traceId };

const stdout: LogDestination = pino.destination({ fd: 1, sync: true });
const current = { service: 'banyan', destination: stdout };

/** Every line of the process, Nest's included, goes through this one. */
export const rootLog = pino(
  {
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: whereWeAre,
    serializers: { err: readableError, error: readableError },
    redact: { paths: redacted(), censor: '[redacted]' },
  },
  { write: (line: string) => current.destination.write(line) },
);

/** Changes who logs, from which level on, and where to; what is left out stays. */
export function configureLog(settings: { service?: string; level?: LogLevel; destination?: LogDestination }): void {
  if (settings.service !== undefined) current.service = settings.service;
  if (settings.destination !== undefined) current.destination = settings.destination;
  if (settings.level !== undefined) rootLog.level = settings.level;
}

/**
 * A log for code outside of Nest's injection: `logger('messaging').warn({ eventId }, 'Parked.')`.
 * @param name which part of the kernel speaks, the field `logger` of the line
 */
export function logger(name: string): Log {
  const at = (level: Exclude<LogLevel, 'silent'>): Write => (fields, text) => rootLog[level]({ logger: name, ...fields }, text);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error'), fatal: at('fatal') };
}

function whereWeAre(): Record<string, unknown> {
  const input = currentInput();
  return {
    service: current.service,
    context: input?.context ?? 'app',
    correlationId: input?.correlationId ?? boot.correlationId,
    traceId: input?.traceId ?? boot.traceId,
    ...(input ? { spanId: input.spanId } : {}),
  };
}

/** The secret fields at the top of a line and up to two levels below it. */
function redacted(): string[] {
  return SECRET_FIELDS.flatMap((field) => [`["${field}"]`, `*["${field}"]`, `*.*["${field}"]`]);
}
