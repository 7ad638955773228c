import { recordSpans } from './span.js';

/** Where a process sends its traces. */
export interface TracingSettings {
  /** `service.name` of its spans. */
  readonly service: string;
  /** The collector's address for OTLP over HTTP, without the path: `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** Of the traces that begin here, the share that is recorded: 0 to 1. Those that come from elsewhere were decided on there. */
  readonly ratio: number;
}

/** How long the collector may take for a batch, tries included, and so a stop for the last ones; in milliseconds. */
export const PATIENCE_MS = 3_000;

/** What is being recorded. */
export interface Tracing {
  /** Sends the last spans, if the collector takes them within three seconds, and records no more. */
  stop(): Promise<void>;
}

/** Begins to record the spans of this process. The SDK is loaded here and nowhere else: who has no collector never pays for it. */
export async function startTracing(settings: TracingSettings): Promise<Tracing> {
  const { OtlpRecorder } = await import('./recorder.js');
  const recorder = new OtlpRecorder(settings);
  recordSpans(recorder);
  return {
    stop: async () => {
      recordSpans(undefined);
      const late = Promise.withResolvers<void>();
      const timer = setTimeout(late.resolve, PATIENCE_MS);
      // What could not be sent, the log knows.
      await Promise.race([recorder.stop().catch(() => undefined), late.promise]);
      clearTimeout(timer);
    },
  };
}
