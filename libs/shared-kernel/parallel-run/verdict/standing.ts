import type { FieldVerdict } from './judge-field.js';

/** One endpoint (or command, or event) with one outcome. */
export interface CoverageCell {
  readonly endpoint: string;
  /** `201`, `card-declined`, `ok`: whatever the tape calls it. */
  readonly outcome: string;
  /** Does anything get written then? */
  readonly writes: boolean;
  /** How often the tape has it, and how often it was compared. */
  readonly recorded: number;
  readonly compared: number;
}

/** What the contract promises: these outcomes must have been seen; where none are named, any. */
export interface ContractPart {
  readonly endpoint: string;
  readonly outcomes: readonly string[];
}

/** A field of an endpoint with its verdict. */
export interface FieldStanding {
  readonly endpoint: string;
  readonly field: string;
  readonly verdict: FieldVerdict;
}
