import { once } from 'node:events';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';

const valueSchema = z.object({ stringValue: z.string().optional(), intValue: z.coerce.number().optional(), doubleValue: z.number().optional(), boolValue: z.boolean().optional() });
const attributesSchema = z.array(z.object({ key: z.string(), value: valueSchema })).default([])
  .transform((all) => Object.fromEntries(all.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.doubleValue ?? value.boolValue])));

const spanSchema = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/), spanId: z.string().regex(/^[0-9a-f]{16}$/), parentSpanId: z.string().optional(),
  name: z.string(), kind: z.int().min(1).max(5), attributes: attributesSchema, status: z.object({ code: z.int().optional() }).optional(),
});

/** https://opentelemetry.io/docs/specs/otlp: as much of a request to `/v1/traces` as tests look at. */
const requestSchema = z.object({
  resourceSpans: z.array(z.object({ resource: z.object({ attributes: attributesSchema }), scopeSpans: z.array(z.object({ spans: z.array(spanSchema) })) })),
});

/** A span as a collector got it. */
export type CollectedSpan = z.output<typeof spanSchema> & { readonly service: unknown };

/** A collector of traces that keeps what it gets: OTLP over HTTP, as JSON. */
export class TraceCollector {
  readonly spans: CollectedSpan[] = [];
  /** How many requests came. */
  requests = 0;
  /** What it answers. */
  status = 200;

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.take(request, response));
  }

  static async start(): Promise<TraceCollector> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TraceCollector(server);
  }

  /** To be given to `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  ofTrace(traceId: string): CollectedSpan[] {
    return this.spans.filter((it) => it.traceId === traceId);
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    this.requests += 1;
    if (this.status === 200 && request.url === '/v1/traces') this.keep(JSON.parse(body));
    response.writeHead(this.status, { 'content-type': 'application/json' }).end('{}');
  }

  private keep(body: unknown): void {
    for (const { resource, scopeSpans } of requestSchema.parse(body).resourceSpans) {
      for (const { spans } of scopeSpans) this.spans.push(...spans.map((it) => ({ ...it, service: resource.attributes['service.name'] })));
    }
  }
}
