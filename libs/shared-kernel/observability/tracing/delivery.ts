import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { logger } from '../log.js';

const log = logger('tracing');

type Spans = Parameters<SpanExporter['export']>[0];
type Done = Parameters<SpanExporter['export']>[1];

/** `ExportResultCode.SUCCESS` of a package that is not ours to import. */
const SUCCESS = 0;

/** Tells the log once that a collector does not take spans, and once that it does again; in between they are counted. */
export class Delivery implements SpanExporter {
  private lost = 0;

  constructor(private readonly collector: SpanExporter) {}

  export(spans: Spans, done: Done): void {
    this.collector.export(spans, (result) => {
      this.note(result.code === SUCCESS, spans.length, result.error);
      done(result);
    });
  }

  async forceFlush(): Promise<void> {
    await this.collector.forceFlush?.();
  }

  async shutdown(): Promise<void> {
    await this.collector.shutdown();
  }

  private note(isDelivered: boolean, spans: number, error: Error | undefined): void {
    if (!isDelivered) {
      if (this.lost === 0) log.warn({ err: error }, 'The collector of traces does not take spans; until it does they are dropped. Nothing else depends on it.');
      this.lost += spans;
    } else if (this.lost > 0) {
      log.info({ lost: this.lost }, 'The collector of traces takes spans again.');
      this.lost = 0;
    }
  }
}
