import { Registry, collectDefaultMetrics } from 'prom-client';

/** Gauges that are called counters: `promtool check metrics` objects, and their namesakes by type say the same. */
const MISNAMED = ['nodejs_active_resources_total', 'nodejs_active_handles_total', 'nodejs_active_requests_total'];

let made: Registry | undefined;

/**
 * CPU, memory, event loop and garbage collection, under the names that everybody's dashboards know. One registry for
 * all apps of a process: its observers of the runtime stay for as long as the process lives.
 */
export function processMetrics(): Registry {
  return (made ??= observeProcess());
}

function observeProcess(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  return registry;
}
