import { finished } from 'node:stream';
import type { Reply, Request } from '../http/index.js';
import type { ServiceIdentity } from '../rpc/index.js';
import { requireInput, wallClock } from '../runtime/index.js';
import { Proxy } from './proxy.js';
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

  /**
   * Fastify's `onRequest` hook. Once it has taken a request over, no other hook or handler sees it. It takes a callback,
   * since a promise would cost every request of an embedded context a turn that it does not need.
   */
  readonly hook = (request: Request, reply: Reply, done: (error?: Error) => void): void => {
    const context = request.routeOptions.config.banyan?.context;
    if (context === undefined) return done();
    const standing = this.parts.table.standingOf(context);
    if (standing.percent === 0) return done();
    if (placeOf(standing, stickyKey()) === 'extracted') {
      void this.sendOr(done, standing, request, reply);
      return;
    }
    if (standing.stage === 'canary') this.watch(standing, request, reply);
    done();
  };

  private async sendOr(refuse: (error: Error) => void, standing: Standing, request: Request, reply: Reply): Promise<void> {
    try {
      await this.send(standing, request, reply);
    } catch (error) {
      refuse(error as Error);
    }
  }

  private async send(standing: Standing, request: Request, reply: Reply): Promise<void> {
    const { context } = standing;
    const ended = this.watching(standing, 'extracted', request);
    const serviceToken = await this.parts.identity.tokenFor(context);
    const forwarded = { context, request: request.raw, response: reply.raw, instances: this.parts.table.instancesOf(context), serviceToken };
    const passed = await this.proxy.forward(forwarded).catch((error: unknown) => {
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
