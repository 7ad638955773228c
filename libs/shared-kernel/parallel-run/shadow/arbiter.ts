import { type ComparisonRules, type Difference, type Keys, type Outputs, compare } from '../../comparison/index.js';
import type { Database } from '../../persistence/index.js';
import { endpointOf } from './outputs.js';
import type { Performance } from './performance.js';
import type { Tally } from './tally.js';

/** What an arbiter works with. */
export interface ArbiterParts {
  /** The copy. */
  readonly database: Database;
  readonly tally: Tally;
  readonly rules: ComparisonRules;
  readonly keys: Keys;
  /** How long a candidate may think about one step before it counts as hung, in milliseconds. */
  readonly hangMs?: number;
}

const HANG_MS = 10_000;

/** Holds what a candidate did against what the original did, notes what differs, and calls off what hangs. */
export class Arbiter {
  readonly hangMs: number;

  constructor(private readonly parts: ArbiterParts) {
    this.hangMs = parts.hangMs ?? HANG_MS;
  }

  differences(primary: Outputs, candidate: Outputs): Difference[] {
    return compare(primary, candidate, { rules: this.parts.rules, keys: this.parts.keys });
  }

  report(performance: Performance, differences: readonly Difference[], primary: unknown, candidate: unknown): void {
    if (differences.length === 0) return;
    performance.hasDiverged = true;
    const { input, run, stateBefore } = performance;
    this.parts.tally.differ({ endpoint: endpointOf(input), input, run, differences, primary, candidate, isStated: stateBefore !== undefined });
  }

  /** Waits until a candidate is over or waits for the tape. @returns false when it hangs */
  isAtRest(performance: Performance): Promise<boolean> {
    return performance.rest(this.hangMs);
  }

  /** A candidate that hangs may hold locks; its session ends, so that others get on. */
  async callOff(performance: Performance): Promise<void> {
    performance.giveUp();
    if (performance.backend !== undefined) await this.parts.database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND state LIKE \'idle in transaction%\'', [performance.backend]);
  }
}
