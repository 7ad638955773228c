import type { ReadMetrics } from '@banyan/kernel/observability';

/** What a running process has counted of one call since it was started. */
export interface MeasuredCall {
  readonly from: string;
  readonly to: string;
  readonly operation: string;
  readonly calls: number;
  /** Inputs that made it at least once. */
  readonly inputs: number;
  readonly callsPerInput: number;
  readonly meanMs: number;
  /** Calls that nobody answered, or with an error that was none of the contract's. */
  readonly failed: number;
}

/** The calls of a context and those to it, the most frequent ones first. */
export function measuredCalls(figures: ReadMetrics, context: string): MeasuredCall[] {
  const samples = figures.families.get('banyan_call_inputs_total')?.samples ?? [];
  return samples.flatMap(({ labels, value: inputs }) => {
    const { from = '', to = '', operation = '' } = labels;
    if (inputs === 0 || (from !== context && to !== context)) return [];
    const counted = (name: string, more: object = {}): number => figures.sum(name, { from, to, operation, ...more }) ?? 0;
    const calls = counted('banyan_calls_total');
    const ended = counted('banyan_call_duration_seconds_count');
    return [{
      from, to, operation, calls, inputs, callsPerInput: rounded(calls / inputs), failed: counted('banyan_calls_total', { outcome: 'failed' }),
      meanMs: ended === 0 ? 0 : rounded(counted('banyan_call_duration_seconds_sum') / ended * 1_000),
    }];
  }).sort((a, b) => b.calls - a.calls);
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
