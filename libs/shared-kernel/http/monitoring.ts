import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyRequest } from 'fastify';

/** Who may read the metrics besides operators: whoever holds the token, or whoever is on this machine. */
export type MonitoringAccess =
  | { readonly is: 'token'; readonly token: string }
  | { readonly is: 'local' };

type Asking = Pick<FastifyRequest, 'headers' | 'ip'>;

const LOOPBACK = /^(?:::ffff:)?127\.|^::1$/;
/** What proxies and tunnels leave: behind one of them everybody seems to be on this machine. */
const TRACES_OF_A_PROXY = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'];

/** May who asks read the metrics? Needs no database, so that a process in trouble can still be looked at. */
export function isMonitor(access: MonitoringAccess | undefined, request: Asking): boolean {
  if (access === undefined) return false;
  if (access.is === 'token') return isSame(request.headers.authorization ?? '', `Bearer ${access.token}`);
  return LOOPBACK.test(request.ip) && TRACES_OF_A_PROXY.every((it) => request.headers[it] === undefined);
}

/** Takes as long for a wrong token as for one that is nearly right. */
function isSame(given: string, wanted: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
