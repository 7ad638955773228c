import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { logger } from './log.js';
import { processMetrics } from './process-metrics.js';

/** Ours are told by their prefix. Base units; `_total` at the end of counters alone. */
export type MetricName = `banyan_${string}`;

/** Sets gauges at the moment somebody asks, for figures that live elsewhere. */
export type MetricSource = () => void | Promise<void>;

/** Seconds, from one statement to the longest that anybody is let wait. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const log = logger('metrics');

/**
 * The figures of one app, in Prometheus's text format. Whoever asks for a metric under a name that is there already gets
 * that one: rooms and contexts need not know who was first.
 *
 * Label values come from what the code declares (contexts, routes, event types), never from what a request brings:
 * every new value is a time series for ever.
 */
@Injectable()
export class Metrics {
  private readonly registry = new Registry();
  private readonly sources: MetricSource[] = [];
  private underWay: Promise<string> | undefined;

  readonly contentType = this.registry.contentType;

  /** @throws Error when the name belongs to a metric of another kind */
  counter<L extends string>(name: MetricName, help: string, labels: readonly L[]): Counter<L> {
    return this.known(name, Counter<L>) ?? new Counter({ name, help, labelNames: labels, registers: [this.registry] });
  }

  /** @throws Error when the name belongs to a metric of another kind */
  gauge<L extends string>(name: MetricName, help: string, labels: readonly L[]): Gauge<L> {
    return this.known(name, Gauge<L>) ?? new Gauge({ name, help, labelNames: labels, registers: [this.registry] });
  }

  /**
   * @param buckets upper bounds, ascending; when left out, those for durations in seconds, 5 ms to 30 s
   * @throws Error when the name belongs to a metric of another kind
   */
  histogram<L extends string>(name: MetricName, help: string, labels: readonly L[], buckets: readonly number[] = SECONDS): Histogram<L> {
    return this.known(name, Histogram<L>) ?? new Histogram({ name, help, labelNames: labels, buckets: [...buckets], registers: [this.registry] });
  }

  /** Adds a source; it is asked at every scrape, together with the others, so it must bound its own time. */
  onScrape(source: MetricSource): void {
    this.sources.push(source);
  }

  /** All figures as text. Who asks while a scrape is under way gets its result, so that scrapes cannot pile up. */
  text(): Promise<string> {
    this.underWay ??= this.scrape().finally(() => { this.underWay = undefined; });
    return this.underWay;
  }

  private async scrape(): Promise<string> {
    await Promise.all(this.sources.map(ask));
    return [await processMetrics().metrics(), await this.registry.metrics()].join('\n');
  }

  private known<M>(name: MetricName, kind: abstract new (...parts: never[]) => M): M | undefined {
    const metric = this.registry.getSingleMetric(name);
    if (metric === undefined || metric instanceof kind) return metric;
    throw new Error(`The metric ${name} is there already, and it is no ${kind.name}. Choose another name.`);
  }
}

/** A figure that is missing must not cost all others. */
async function ask(source: MetricSource): Promise<void> {
  try {
    await source();
  } catch (error) {
    log.warn({ err: error }, 'Some figures could not be collected.');
  }
}
