import type { Precondition } from '../../facade/index.js';
import type { Findings } from './findings.js';

/** Traffic for what was in shadow needs an open gate; every other move has nothing to do with parallel runs. */
export function promotionGate(findings: Findings): Precondition {
  return async ({ context, from, to, epsilon }) => (from.stage === 'shadow' && to.percent > 0 ? (await findings.gateOf(context, epsilon)).checks : undefined);
}
