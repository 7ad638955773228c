import type { EventSubscription } from '../messaging/index.js';
import type { Metrics } from '../observability/index.js';
import { type Database, TurnsMixed } from '../persistence/index.js';
import { wallClock } from '../runtime/index.js';

type Run = EventSubscription['run'];

/** How many events the handlers of a context handled, how long they take, and how often they fail. */
export class HandlerMetrics {
  private readonly handled;
  private readonly failures;
  private readonly seconds;

  constructor(metrics: Metrics, private readonly database: Database) {
    const labels = ['context', 'event_type'] as const;
    this.handled = metrics.counter('banyan_events_handled_total', 'Events whose handling was committed.', labels);
    this.failures = metrics.counter('banyan_event_handler_failures_total', 'Runs of a handler that failed; another one follows, or the event is parked.', labels);
    this.seconds = metrics.histogram('banyan_event_handler_duration_seconds', 'One run of a handler, failed ones and those rolled back with their neighbours included.', labels);
  }

  /** The same handler, measured. It runs in a transaction of its context, and counts as handled once that has committed. */
  measured(type: string, run: Run): Run {
    const labels = { context: this.database.context, event_type: type };
    const [handled, failures, seconds] = [this.handled.labels(labels), this.failures.labels(labels), this.seconds.labels(labels)];
    handled.inc(0);
    failures.inc(0);
    return async (payload, envelope) => {
      const started = wallClock.ticks();
      try {
        await run(payload, envelope);
      } catch (error) {
        // Handlers that came into each other's way are run again one by one: nothing is wrong with them.
        if (!(error instanceof TurnsMixed)) failures.inc();
        throw error;
      } finally {
        seconds.observe((wallClock.ticks() - started) / 1_000);
      }
      this.database.afterCommit(() => handled.inc());
    };
  }
}
