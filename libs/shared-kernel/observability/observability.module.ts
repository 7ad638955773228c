import { Global, Module, type DynamicModule } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { HealthChecks } from './health-checks.js';
import { Lifecycle } from './lifecycle.js';
import { Metrics } from './metrics.js';
import { NestLog } from './nest-log.js';
import { loggingModule, type LoggingSettings } from './logging.module.js';

@Global()
@Module({
  imports: [TerminusModule.forRoot({ logger: false })],
  providers: [HealthChecks, Lifecycle, Metrics, NestLog],
  exports: [HealthChecks, Lifecycle, Metrics, NestLog],
})
class ObservabilityModule {}

/** Logs, metrics, health checks and lifecycle of one process, for every module in it. */
export function observabilityModule(settings: LoggingSettings): DynamicModule {
  return { module: ObservabilityModule, imports: [loggingModule(settings)] };
}
