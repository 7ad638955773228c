import type { Metrics } from '../observability/index.js';
import { logger } from '../observability/index.js';
import { errorSeen } from './seen.js';
import type { Mismatch, Outcome, SkipReason } from './words.js';

/** Mismatches that are kept, and kinds of them that are told apart in the log. */
const [MOST_KEPT, MOST_KINDS] = [20, 100];
/** Seconds: a statement takes less than a millisecond. */
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const log = logger('experiment');

/** What became of an experiment's comparisons: figures, a line in the log for what is new, and the latest mismatches. */
export class ExperimentRecord {
  readonly outcomes: Record<Outcome, number> = { same: 0, different: 0, failed: 0, 'timed-out': 0, skipped: 0 };
  readonly mismatches: Mismatch[] = [];
  private readonly kinds = new Set<string>();
  private readonly metrics;

  constructor(private readonly context: string, private readonly experiment: string, metrics: Metrics) {
    this.metrics = {
      outcomes: metrics.counter('banyan_experiment_total', 'Calls chosen for comparison, by what came of it.', ['context', 'experiment', 'method', 'outcome']),
      skips: metrics.counter('banyan_experiment_skipped_total', 'Calls chosen for comparison that were not compared, by why.', ['context', 'experiment', 'method', 'reason']),
      seconds: metrics.histogram('banyan_experiment_duration_seconds', 'How long either implementation took for a call that was compared.', ['context', 'experiment', 'method', 'side'], SECONDS),
      isOff: metrics.gauge('banyan_experiment_off', 'Whether the candidate is left alone because it failed several times in a row.', ['context', 'experiment']),
    };
    this.metrics.isOff.set({ context, experiment }, 0);
  }

  count(method: string, outcome: Exclude<Outcome, 'skipped'>): void {
    this.outcomes[outcome] += 1;
    this.metrics.outcomes.inc({ ...this.labels(method), outcome });
  }

  skip(method: string, reason: SkipReason): void {
    this.outcomes.skipped += 1;
    this.metrics.outcomes.inc({ ...this.labels(method), outcome: 'skipped' });
    this.metrics.skips.inc({ ...this.labels(method), reason });
  }

  took(method: string, side: 'control' | 'candidate', ms: number): void {
    this.metrics.seconds.observe({ ...this.labels(method), side }, ms / 1_000);
  }

  keep(mismatch: Mismatch): void {
    this.mismatches.push(mismatch);
    if (this.mismatches.length > MOST_KEPT) this.mismatches.shift();
    const { method, outcome, inputId } = mismatch;
    const fields = [...new Set(mismatch.differences.map((it) => it.field.replaceAll(/\[\d+\]/g, '[]')))].sort();
    const kind = `${method} ${outcome} ${fields.join()}`;
    if (this.kinds.has(kind) || this.kinds.size >= MOST_KINDS) return;
    this.kinds.add(kind);
    log.warn({ context: this.context, experiment: this.experiment, method, outcome, fields, inputId }, 'The candidate does not do what the control does. Others of this kind are counted, not logged.');
  }

  switched(to: 'on' | 'off'): void {
    const { context, experiment } = this;
    this.metrics.isOff.set({ context, experiment }, to === 'off' ? 1 : 0);
    if (to === 'off') log.warn({ context, experiment }, 'The candidate failed or took too long several times in a row and is left alone for a while.');
    else log.info({ context, experiment }, 'The candidate works again and is compared.');
  }

  broken(method: string, error: unknown): void {
    if (!this.kinds.has('broken')) log.error({ err: error, context: this.context, experiment: this.experiment, method }, 'The experiment itself failed; nothing was compared.');
    this.kinds.add('broken');
    this.skip(method, 'broken');
  }

  /** A promise of the candidate failed that nobody waited for; in another place it would have ended the process. */
  unheard(method: string, error: unknown): void {
    const kind = `${method} unheard`;
    if (!this.kinds.has(kind)) log.warn({ ...errorSeen(error), context: this.context, experiment: this.experiment, method }, 'The candidate left a promise alone, and that failed: as the control it would end the process. Let it await all that it begins.');
    this.kinds.add(kind);
  }

  private labels(method: string) {
    return { context: this.context, experiment: this.experiment, method };
  }
}
