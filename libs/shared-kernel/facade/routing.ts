import { finished } from 'node:stream';
import type { Reply, Request } from '../http/index.js';
import { type SpanFacts, type SpanOutcome, inSpan } from '../observability/index.js';
import type { ServiceIdentity } from '../rpc/index.js';
import { requireInput, wallClock } from '../runtime/index.js';
import { type Passed, Proxy } from './proxy.js';
import { type Side, type Standing, placeOf } from './stage.js';
import type { StageTable } from './stage-table.js';

/** What sends requests on needs. */
export interface RoutingParts {
  readonly table: StageTable;
  readonly identity: ServiceIdentity;
  /** Told how each request of a canary ended, on either side. */
  readonly ended: (standing: Standing, answer: { readonly route: string; readonly side: Side; readonly ms: number; readonly failed: boolean }) => void;
}

/** The key by which a canary is sticky: who asks, else the conversation. */
export function stickyKey(): string {
  const { tenant, principal, correlationId } = requireInput();
  return tenant ?? principal?.id ?? correlationId;
}

/**
 * Sends requests for contexts that were lifted out to where they run now. It is a hook that comes after who asks is
 * known and before a body is read; for a context that is embedded it is a look into a map.
 */
export class HttpRouting {
  private readonly proxy = new Proxy();

  constructor(private readonly parts: RoutingParts) {}

  /** Fastify's `onRequest` hook. Once it has taken a request over, no other hook or handler sees it. */
  readonly hook = async (request: Request, reply: Reply): Promise<void> => {
    const context = request.routeOptions.config.banyan?.context;
    if (context === undefined) return;
    const standing = this.parts.table.standingOf(context);
    if (standing.percent === 0) return;
    const side = placeOf(standing, stickyKey());
    if (side === 'embedded') {
      if (standing.stage === 'canary') this.watch(standing, request, reply);
      return;
    }
    const ended = this.watching(standing, side, request);
    const serviceToken = await this.parts.identity.tokenFor(context);
    const forwarded = { context, request: request.raw, response: reply.raw, instances: this.parts.table.instancesOf(context), serviceToken };
    const passed = await inSpan(forwarding, request, () => this.proxy.forward(forwarded), (how) => outcomeOf(how, reply.raw.statusCode)).catch((error: unknown) => {
      ended(true);
      throw error;
    });
    reply.hijack();
    // A client that went away says nothing about either side.
    if (passed !== 'left') ended(passed === 'broken' || reply.raw.statusCode >= 500);
  };

  private watch(standing: Standing, request: Request, { raw }: Reply): void {
    const ended = this.watching(standing, 'embedded', request);
    finished(raw, (gone) => { if (!gone) ended(raw.statusCode >= 500); });
  }

  /** Answers with what is to be called when the request has ended. */
  private watching(standing: Standing, side: Side, { method, routeOptions }: Request): (failed: boolean) => void {
    if (standing.stage !== 'canary') return () => undefined;
    const started = wallClock.ticks();
    return (failed) => this.parts.ended(standing, { route: `${method} ${routeOptions.url ?? ''}`, side, ms: wallClock.ticks() - started, failed });
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
  }
}

function forwarding({ method, routeOptions: { url: route = 'none', config } }: Request): SpanFacts {
  return { kind: 'client', name: `${method} ${route}`, attributes: { 'http.request.method': method, 'url.template': route, 'peer.service': config.banyan?.context ?? 'app' } };
}

function outcomeOf(passed: Passed, status: number): SpanOutcome {
  if (passed !== 'whole') return { failure: { type: passed, isFault: passed === 'broken' } };
  return { attributes: { 'http.response.status_code': status }, ...(status >= 400 && { failure: { type: String(status), isFault: status >= 500 } }) };
}
