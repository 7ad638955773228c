import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { requireInput } from '../runtime/index.js';

/** RFC 9110, 7.6.1: they are about one connection and not about the message. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect', 'host'];

/** What this hop says itself, whatever the client said. */
const OWN = ['x-banyan-service-token', 'x-banyan-deadline-ms', 'x-correlation-id', 'traceparent', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'];

const notOfAnswers = new Set(HOP_BY_HOP);
const notOfRequests = new Set([...HOP_BY_HOP, ...OWN]);
const NOTHING: ReadonlySet<string> = new Set();

/** The headers of a request as the app gets them: name, value, name, value. @param ms the time that is left for it */
export function requestHeaders(request: IncomingMessage, serviceToken: string, ms: number): string[] {
  const { correlationId, traceparent } = requireInput();
  const { headers, socket: { remoteAddress } } = request;
  const flat = [
    'x-banyan-service-token', serviceToken,
    'x-correlation-id', correlationId,
    'traceparent', traceparent,
    'x-forwarded-for', [headers['x-forwarded-for'], remoteAddress].flat().filter((it) => it !== undefined).join(', '),
    'x-forwarded-host', one(headers['x-forwarded-host']) ?? headers.host ?? '',
    'x-forwarded-proto', one(headers['x-forwarded-proto']) ?? 'http',
  ];
  if (ms !== Infinity) flat.push('x-banyan-deadline-ms', String(Math.max(1, Math.round(ms))));
  return copied(headers, notOfRequests, flat);
}

/** The headers of an answer as the client gets them, likewise. */
export function answerHeaders(headers: IncomingHttpHeaders): string[] {
  return copied(headers, notOfAnswers, []);
}

/** A flat list spares both undici and Node an object per message. */
function copied(headers: IncomingHttpHeaders, omitted: ReadonlySet<string>, flat: string[]): string[] {
  const named = namedBy(headers.connection);
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value === undefined || omitted.has(name) || named.has(name)) continue;
    if (typeof value === 'string') flat.push(name, value);
    else for (const it of value) flat.push(name, it);
  }
  return flat;
}

/** The headers that a connection names as its own; mostly there are none. */
function namedBy(connection: string | undefined): ReadonlySet<string> {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return NOTHING;
  return new Set(connection.toLowerCase().split(',').map((it) => it.trim()));
}

function one(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
