import { finished } from 'node:stream';
import type { Reply, Request } from '../http/index.js';
import { type SpanFacts, type SpanOutcome, inSpan } from '../observability/index.js';
import type { ServiceIdentity } from '../rpc/index.js';
import { requireInput, wallClock } from '../runtime/index.js';
import { MONOLITH } from './apps.js';
import type { Passed } from './exchange.js';
import { Proxy } from './proxy.js';
import { type Side, type Standing, placeOf } from './stage.js';
import type { StageTable } from './stage-table.js';

/** What sends requests on needs. */
export interface RoutingParts {
  readonly table: StageTable;
  readonly identity: ServiceIdentity;
  /** Does the context live in this process? Otherwise its requests go to the monolith where it is embedded. */
  readonly isHere: (context: string) => boolean;
  /** Told how each request of a canary ended, on either side. */
  readonly ended: (standing: Standing, answer: { readonly route: string; readonly side: Side; readonly ms: number; readonly failed: boolean }) => void;
}

/** A request on its way to one side. */
interface Sent {
  readonly standing: Standing;
  readonly side: Side;
  readonly request: Request;
  readonly reply: Reply;
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

  /**
   * Fastify's `onRequest` hook. Once it has taken a request over, no other hook or handler sees it. It takes a callback,
   * since a promise would cost every request of an embedded context a turn that it does not need.
   */
  readonly hook = (request: Request, reply: Reply, done: (error?: Error) => void): void => {
    const context = request.routeOptions.config.banyan?.context;
    if (context === undefined || context === 'app') return done();
    const standing = this.parts.table.standingOf(context);
    const isHere = this.parts.isHere(context);
    if (standing.percent === 0 && isHere) return done();
    const side = placeOf(standing, stickyKey());
    if (side === 'extracted' || !isHere) {
      void this.sendOr(done, { standing, side, request, reply });
      return;
    }
    if (standing.stage === 'canary') this.watch(standing, request, reply);
    done();
  };

  private async sendOr(refuse: (error: Error) => void, sent: Sent): Promise<void> {
    try {
      await this.send(sent);
    } catch (error) {
      refuse(error as Error);
    }
  }

  private async send({ standing, side, request, reply }: Sent): Promise<void> {
    const { context } = standing;
    const ended = this.watching(standing, side, request);
    const app = side === 'extracted' ? context : MONOLITH;
    const serviceToken = await this.parts.identity.tokenFor(app);
    const forwarded = { context, app, request: request.raw, response: reply.raw, instances: this.parts.table.instancesOf(context, side), serviceToken };
    const passed = await inSpan(forwarding, request, () => this.proxy.forward(forwarded), (how) => outcomeOf(how, reply.raw.statusCode)).catch((error: unknown) => {
      ended(true);
      throw error;
    });
    reply.hijack();
    // A client that went away says nothing about either side.
    if (passed !== 'left') ended(passed === 'broken' || reply.raw.statusCode >= 500);
  }

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
