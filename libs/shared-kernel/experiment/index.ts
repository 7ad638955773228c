export { experiment } from './experiment.js';
export { Experiments } from './experiments.js';
export type { ExperimentSettings, MethodOf } from './settings.js';
export type { ExperimentReport, Mismatch, Outcome, SkipReason } from './words.js';
export { type Compare, type Difference, differences } from './differences.js';
