import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { AccessGuard } from './access.guard.js';
import { Authentication } from './authentication.js';
import { DeadlineInterceptor } from './deadline.interceptor.js';
import { HealthController } from './health.controller.js';
import { MetricsController } from './metrics.controller.js';
import { ProblemFilter } from './problem.filter.js';
import { HTTP_SETTINGS, type HttpSettings } from './settings.js';
import { AllProblems, SchemaPipe } from './validation.js';

@Module({
  controllers: [HealthController, MetricsController],
  providers: [
    Authentication,
    { provide: APP_GUARD, useClass: AccessGuard },
    { provide: APP_INTERCEPTOR, useClass: DeadlineInterceptor },
    { provide: APP_INTERCEPTOR, useClass: AllProblems },
    { provide: APP_PIPE, useClass: SchemaPipe },
    { provide: APP_FILTER, useClass: ProblemFilter },
  ],
})
class HttpModule {}

/**
 * Guards, validation, deadlines, problems, health and metrics for every controller of the app that imports it. It needs
 * `observabilityModule`, the app made with `httpAdapter()`, and `configureHttp(app)` before it starts.
 */
export function httpModule(settings: HttpSettings): DynamicModule {
  return { module: HttpModule, providers: [{ provide: HTTP_SETTINGS, useValue: settings }] };
}
