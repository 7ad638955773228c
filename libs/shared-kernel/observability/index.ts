export { type Log, type LogDestination, type LogLevel, configureLog, logger } from './log.js';
export { SECRET_FIELDS } from './secrets.js';
export { NestLog } from './nest-log.js';
export { type LoggingSettings, loggingModule } from './logging.module.js';
export { type Health, type HealthCheckSource, HealthChecks, type HealthReport } from './health-checks.js';
export { Lifecycle, type LifecycleState } from './lifecycle.js';
export { observabilityModule } from './observability.module.js';
export { type MetricName, type MetricSource, Metrics } from './metrics.js';
export { type MetricFamily, ReadMetrics, type Sample, readMetrics } from './read-metrics.js';
