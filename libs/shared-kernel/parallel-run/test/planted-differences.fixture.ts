import type { Planted } from './till.fixture.js';
import { plantedCalls } from './planted/calls.fixture.js';
import { plantedEvents } from './planted/events.fixture.js';
import { plantedResponses } from './planted/responses.fixture.js';
import { plantedRows } from './planted/rows.fixture.js';
import { plantedRules } from './planted/rules.fixture.js';

/** One thing that another version does differently, and what the parallel run has to say about it. */
export interface PlantedDifference {
  readonly name: string;
  readonly planted: Planted;
  /** How long it is waited for, in milliseconds, where it is not to be waited for as long as in earnest. */
  readonly hangMs?: number;
  /** `kind field` of everything that is reported, and nothing else may be. Empty where both count as equal, or where it is missed. */
  readonly found: readonly string[];
  /** Why it cannot be found. */
  readonly missed?: string;
}

export const plantedDifferences: readonly PlantedDifference[] = [...plantedResponses, ...plantedEvents, ...plantedRows, ...plantedCalls, ...plantedRules];
