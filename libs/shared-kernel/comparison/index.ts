export { type ComparedBy, compare } from './compare.js';
export type { Difference, DifferenceKind, Output } from './difference.js';
export type { EmittedEvent, Keys, ObservedResponse, ObservedTransaction, OutboundCall, Outputs, WrittenRow } from './outputs.js';
export { type Comparator, type TimeWindow, asSet, ignored, sameIds, tolerance, within } from './rules/comparators.js';
export { type ComparisonDeclaration, type ComparisonRules, defineComparison } from './rules/define-comparison.js';
export { matchesField, problemOfPattern } from './rules/pattern.js';
