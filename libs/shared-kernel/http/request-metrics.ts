import type { Metrics } from '../observability/index.js';

/** A request that is over. */
export interface AnsweredRequest {
  readonly method: string;
  /** The template, `/v1/orders/:id`; undefined where no route matched. The path itself would be a time series per order. */
  readonly route: string | undefined;
  readonly context: string;
  /** Undefined when the client went away before the answer was out. */
  readonly status: number | undefined;
  readonly seconds: number;
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Hangs on the server, because requests that the router refuses meet no hook and no injected class. */
    banyanRequests?: RequestMetrics;
  }
}

/** Rate, errors and duration of requests, per route. */
export class RequestMetrics {
  private readonly total;
  private readonly seconds;

  constructor(metrics: Metrics) {
    this.total = metrics.counter('banyan_http_requests_total', 'Requests that are over, by how they ended.', ['context', 'method', 'route', 'status']);
    this.seconds = metrics.histogram('banyan_http_request_duration_seconds', 'From the first hook until the answer was out.', ['context', 'method', 'route']);
  }

  note({ method, route = 'none', context, status, seconds }: AnsweredRequest): void {
    this.total.inc({ context, method, route, status: status === undefined ? 'aborted' : `${Math.floor(status / 100)}xx` });
    this.seconds.observe({ context, method, route }, seconds);
  }
}
