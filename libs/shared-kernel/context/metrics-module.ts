import type { DynamicModule, OnModuleInit } from '@nestjs/common';
import { Metrics } from '../observability/index.js';
import { ContextGauges, type ScrapePatience } from './context-gauges.js';
import type { LivingContext } from './context-module.js';

class MetricsModule {}

/** Has the gauges of the contexts set whenever somebody asks the process for its metrics. */
class ScrapedContexts implements OnModuleInit {
  constructor(private readonly contexts: readonly LivingContext[], private readonly metrics: Metrics, private readonly patience: ScrapePatience | undefined) {}

  onModuleInit(): void {
    const gauges = new ContextGauges(this.metrics, this.contexts, this.patience);
    this.metrics.onScrape(() => gauges.set());
  }
}

/** The module that shows Prometheus what all contexts of a process have on their hands. */
export function metricsModule(contexts: readonly LivingContext[], patience?: ScrapePatience): DynamicModule {
  const provider = { provide: ScrapedContexts, useFactory: (metrics: Metrics) => new ScrapedContexts(contexts, metrics, patience), inject: [Metrics] };
  return { module: MetricsModule, providers: [provider] };
}
