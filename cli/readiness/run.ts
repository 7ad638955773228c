import { type ReadMetrics, loggingModule, readMetrics } from '@banyan/kernel/observability';
import { CommanderError } from 'commander';
import { Client, connectionOf } from '../client/index.js';
import { openHouse } from '../house/index.js';
import type { ReadinessOptions } from './command.js';
import { FEWEST_INPUTS, HOP_MS, MOST_CALLS_PER_INPUT } from './limits.js';
import { UnknownContext, readinessOf } from './readiness.js';
import { readable } from './text.js';

/** Runs `banyan readiness`. @throws Error for people */
export async function run(context: string, { measure, url, json }: ReadinessOptions): Promise<void> {
  const figures = measure || url !== undefined ? await scrape(url) : undefined;
  loggingModule({ service: 'banyan readiness', level: 'fatal' }); // stdout is for the report
  const report = await readinessOf(await openHouse(), context, figures).catch((error: unknown) => {
    throw error instanceof UnknownContext ? new CommanderError(2, 'banyan.readiness', error.message) : error;
  });
  const ok = report.verdict !== 'not ready';
  const limits = { hopMs: HOP_MS, mostCallsPerInput: MOST_CALLS_PER_INPUT, fewestInputs: FEWEST_INPUTS };
  process.stdout.write(`${json ? JSON.stringify({ ok, ...report, limits }, null, 2) : readable(report)}\n`);
  process.exitCode = ok ? 0 : 1;
}

async function scrape(url: string | undefined): Promise<ReadMetrics> {
  const text = await new Client(connectionOf(undefined, url)).text('/metrics');
  try {
    return readMetrics(text);
  } catch (error) {
    throw new Error(`/metrics was answered with something that are no figures: ${error instanceof Error ? error.message : String(error)} Is the app of the same version?`, { cause: error });
  }
}
