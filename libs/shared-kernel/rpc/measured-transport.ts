import { BanyanError } from '../contract/index.js';
import type { Metrics } from '../observability/index.js';
import { type Input, currentInput, wallClock } from '../runtime/index.js';
import type { Call, Transport } from './transport.js';

/** Seconds. Within the process a call takes one or two milliseconds, and what it becomes elsewhere is to be seen. */
const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/**
 * The transport of one caller, counted where calls are made: they look the same wherever they are handled. How often an
 * input asks the same thing is the calls divided by the inputs that asked at all.
 */
export class MeasuredTransport implements Transport {
  private readonly total;
  private readonly inputs;
  private readonly seconds;
  /** What the inputs under way have called already. */
  private readonly called = new WeakMap<Input, Set<string>>();

  /** @param from the context that calls; `app` where it is none */
  constructor(private readonly transport: Transport, private readonly from: string, metrics: Metrics) {
    this.total = metrics.counter('banyan_calls_total', 'Calls that one context made of another, by how they ended.', ['from', 'to', 'operation', 'outcome']);
    this.inputs = metrics.counter('banyan_call_inputs_total', 'Inputs of the caller that made this call, once or more often.', ['from', 'to', 'operation']);
    this.seconds = metrics.histogram('banyan_call_duration_seconds', 'From sending a call until its answer.', ['from', 'to', 'operation'], SECONDS);
  }

  async send(call: Call): Promise<unknown> {
    const { operation } = call;
    const labels = { from: this.from, to: operation.slice(0, operation.indexOf('.')), operation };
    if (this.isFirstOfItsInput(operation)) this.inputs.inc(labels);
    const started = wallClock.ticks();
    let outcome = 'answered';
    try {
      return await this.transport.send(call);
    } catch (error) {
      // A refusal is an answer like any other.
      outcome = error instanceof BanyanError && error.definition.http < 500 ? 'refused' : 'failed';
      throw error;
    } finally {
      this.total.inc({ ...labels, outcome });
      this.seconds.observe(labels, (wallClock.ticks() - started) / 1_000);
    }
  }

  private isFirstOfItsInput(operation: string): boolean {
    const input = currentInput();
    if (!input) return true;
    const called = this.called.get(input);
    if (!called) this.called.set(input, new Set([operation]));
    else if (called.has(operation)) return false;
    else called.add(operation);
    return true;
  }
}
