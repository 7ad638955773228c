import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, type Tracer, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, RandomIdGenerator, type SpanExporter, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { type Input, type TracePlace, placeAt, underSpan } from '../../runtime/index.js';
import { Delivery } from './delivery.js';
import type { OpenSpan, SpanFacts, SpanOutcome, SpanRecorder } from './span.js';
import { PATIENCE_MS, type TracingSettings } from './tracing.js';

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER } as const;

/** Spans that wait to be sent; what comes beyond is dropped, so that a slow collector costs memory for these at most. */
const QUEUE = 8_192;
/** How long spans gather before they are sent, in milliseconds. */
const GATHER_MS = 1_000;

/**
 * Records spans with OpenTelemetry's SDK and sends them to a collector in batches. Where a span stands is told by the
 * input under way and not by a context of the SDK's own, so that the two cannot disagree.
 */
export class OtlpRecorder implements SpanRecorder {
  private readonly ids = new HouseIds();
  private readonly provider: TracerProvider;
  private readonly tracer: Tracer;

  constructor({ service, endpoint, ratio }: TracingSettings) {
    const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
    const exporter: SpanExporter = new Delivery(new OTLPTraceExporter({ url, timeoutMillis: PATIENCE_MS }));
    this.provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      idGenerator: this.ids,
      spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: QUEUE, scheduledDelayMillis: GATHER_MS, exportTimeoutMillis: 2 * PATIENCE_MS })],
    });
    this.tracer = this.provider.getTracer('banyan');
  }

  start({ kind, name, attributes }: SpanFacts, { traceId, spanId, isSampled, context, correlationId }: Input): OpenSpan {
    this.ids.traceId = traceId;
    const parent = isSampled === undefined ? ROOT_CONTEXT : childrenOf(traceId, spanId);
    return new RecordedSpan(this.tracer.startSpan(name, {
      kind: KINDS[kind], attributes: { 'banyan.context': context ?? 'app', 'banyan.correlation_id': correlationId, ...attributes },
    }, parent));
  }

  /** Sends what is left. */
  async stop(): Promise<void> {
    await this.provider.shutdown();
  }
}

class RecordedSpan implements OpenSpan {
  private readonly place: TracePlace;

  constructor(private readonly span: Span) {
    const { traceId, spanId, traceFlags } = span.spanContext();
    this.place = placeAt(traceId, spanId, (traceFlags & TraceFlags.SAMPLED) !== 0);
  }

  within<T>(callback: () => T): T {
    return underSpan(this.place, callback);
  }

  end({ attributes, failure }: SpanOutcome = {}): void {
    if (attributes) this.span.setAttributes({ ...attributes });
    if (failure) this.span.setAttribute('error.type', failure.type);
    if (failure?.isFault) this.span.setStatus({ code: SpanStatusCode.ERROR });
    this.span.end();
  }
}

/** A trace has the id that the house gave it, which stands in the log too; its spans have ids by chance. */
class HouseIds extends RandomIdGenerator {
  traceId = '';

  override generateTraceId(): string {
    return this.traceId;
  }
}

function childrenOf(traceId: string, spanId: string): Context {
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: TraceFlags.SAMPLED });
}
