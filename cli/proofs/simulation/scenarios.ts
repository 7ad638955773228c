import { busScenario } from './runs/bus.js';
import type { Scenario } from './runs/run.js';
import { sagaScenario } from './runs/sagas.js';

/** What is simulated. A seed plays the scenario at its remainder, so that the seed alone names a run. */
const scenarios: readonly Scenario[] = [sagaScenario(), busScenario()];

export function scenarioOf(seed: number): Scenario {
  const scenario = scenarios[seed % scenarios.length];
  if (!scenario) throw new RangeError(`${seed} is no seed.`);
  return scenario;
}
