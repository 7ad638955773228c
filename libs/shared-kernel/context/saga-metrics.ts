import type { Metrics } from '../observability/index.js';
import type { SagaObserver } from '../saga/index.js';

/** Seconds: a checkout takes some milliseconds, a delivery or one with a processor that is away takes its time. */
const SAGA_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** Counts what becomes of the sagas of a context in this process. */
export function sagaMetrics(metrics: Metrics, context: string): SagaObserver {
  const steps = metrics.counter('banyan_saga_steps_total', 'Steps of sagas that came to their end, by how.', ['context', 'saga', 'step', 'outcome']);
  const failures = metrics.counter('banyan_saga_step_failures_total', 'Attempts at a step that failed; another one follows.', ['context', 'saga', 'step']);
  const seconds = metrics.histogram('banyan_saga_duration_seconds', 'From the start of a saga to its end.', ['context', 'saga', 'outcome'], SAGA_SECONDS);
  return {
    stepEnded: (saga, step, outcome) => steps.inc({ context, saga, step, outcome }),
    attemptFailed: (saga, step) => failures.inc({ context, saga, step }),
    sagaEnded: (saga, outcome, duration) => seconds.observe({ context, saga, outcome }, duration),
  };
}
