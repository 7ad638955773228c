import { Injectable } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { BanyanError } from '../contract/index.js';
import { Lifecycle } from './lifecycle.js';
import { logger } from './log.js';

/** How a part is: degraded still serves, down does not. `because` is shown to whoever asks: no hosts, no secrets. */
export type Health =
  | { readonly is: 'up' }
  | { readonly is: 'degraded'; readonly because: string }
  | { readonly is: 'down'; readonly because: string };

/** One thing that readiness depends on. */
export interface HealthCheckSource {
  /** For example `database:payments`; unique in the process. */
  readonly name: string;
  /** A throw counts as down. The signal aborts when the time for it is up. */
  check(signal: AbortSignal): Promise<Health>;
}

/** What a probe answers with. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'error';
  readonly checks: HealthIndicatorResult;
}

/** Milliseconds one check may take. */
const CHECK_MS = 2_000;

/** All that readiness depends on; rooms and apps add theirs while the process starts. */
@Injectable()
export class HealthChecks {
  private readonly sources = new Map<string, HealthCheckSource>();
  private underWay: Promise<HealthReport> | undefined;

  constructor(
    private readonly terminus: HealthCheckService,
    private readonly indicators: HealthIndicatorService,
    private readonly lifecycle: Lifecycle,
  ) {}

  /** Adds a check; one of the same name is replaced. */
  add(source: HealthCheckSource): void {
    this.sources.set(source.name, source);
  }

  /** Runs every check. Who asks while a run is under way gets its result, so that probes cannot pile up. */
  async readiness(): Promise<HealthReport> {
    this.underWay ??= this.run().finally(() => { this.underWay = undefined; });
    return this.underWay;
  }

  private async run(): Promise<HealthReport> {
    // HealthCheckService throws for a check that is down, and Nest's exception is the only way to its result.
    try {
      const { status, details } = await this.terminus.check([
        () => this.lifecycleHealth(),
        ...[...this.sources.values()].map((source) => () => this.ask(source)),
      ]);
      return { status: status === 'degraded' ? 'degraded' : 'ok', checks: details };
    } catch (error) {
      const result = resultOf(error);
      if (!result) throw error;
      return { status: 'error', checks: result };
    }
  }

  private lifecycleHealth(): HealthIndicatorResult {
    const indicator = this.indicators.check('lifecycle');
    const { state } = this.lifecycle;
    return state === 'ready' ? indicator.up() : indicator.down(state === 'starting' ? 'is still starting' : 'is draining, about to stop');
  }

  private async ask(source: HealthCheckSource): Promise<HealthIndicatorResult> {
    const indicator = this.indicators.check(source.name);
    const health = await within(CHECK_MS, (signal) => source.check(signal)).catch((error: unknown) => down(source, error));
    switch (health.is) {
      case 'up': return indicator.up();
      case 'degraded': return indicator.degraded(health.because);
      case 'down': return indicator.down(health.because);
    }
  }
}

async function within(ms: number, check: (signal: AbortSignal) => Promise<Health>): Promise<Health> {
  const { promise, resolve } = Promise.withResolvers<Health>();
  const timeout = new AbortController();
  const timer = setTimeout(() => {
    resolve({ is: 'down', because: `did not answer within ${ms} ms` });
    timeout.abort();
  }, ms);
  try {
    return await Promise.race([check(timeout.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Catalogued errors are written for people; the text of any other may name hosts. */
function down(source: HealthCheckSource, error: unknown): Health {
  logger('health').warn({ check: source.name, err: error }, 'A health check failed.');
  return { is: 'down', because: error instanceof BanyanError ? error.message : 'cannot be reached' };
}

function resultOf(error: unknown): HealthIndicatorResult | undefined {
  if (!(error instanceof Error) || !('getResponse' in error) || typeof error.getResponse !== 'function') return undefined;
  const response: unknown = error.getResponse();
  if (typeof response !== 'object' || response === null || !('details' in response)) return undefined;
  return response.details as HealthIndicatorResult;
}
