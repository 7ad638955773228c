import type { Type } from '@nestjs/common';
import type { Compare, Difference } from './differences.js';

type Asked<P, M extends keyof P> = P[M] extends (...args: infer A) => Promise<unknown> ? A : never;

/** The methods of a port that answer with a promise. */
export type MethodOf<P> = { [M in keyof P]: P[M] extends (...args: never[]) => Promise<unknown> ? M : never }[keyof P] & string;

/** Two implementations of one port, and how they are compared. */
export interface ExperimentSettings<Port extends object> {
  /** Names it in metrics, log and reports. */
  readonly name: string;
  /** Whose answers count. Both classes are providers of the context. */
  readonly control: Type<Port>;
  readonly candidate: Type<Port>;
  /** Methods that change nothing. Those that are neither here nor under `writes` are the control's alone. */
  readonly reads?: readonly MethodOf<Port>[];
  /** Methods that write, each with how to read through the same port what a call wrote. */
  readonly writes?: { readonly [M in MethodOf<Port>]?: (port: Port, ...args: Asked<Port, M>) => Promise<unknown> };
  /** How many of a hundred inputs are compared, chosen by their id; all when left out. */
  readonly percent?: number;
  /** Milliseconds that a write may wait for its candidate; 50 when left out. */
  readonly waitMs?: number;
  /** Milliseconds for a candidate's read, for which nobody waits; 2,000 when left out. */
  readonly timeoutMs?: number;
  /** Share of the time that passes in which candidates may run, 0 to 1; a tenth when left out. */
  readonly budget?: number;
  /** Candidates that read at the same time; 2 when left out. */
  readonly atOnce?: number;
  /** Makes an answer, or what was written, comparable, before it is compared and kept. */
  readonly clean?: (value: unknown, method: MethodOf<Port>) => unknown;
  /** Differences that are known and no news. */
  readonly ignore?: (difference: Difference, method: MethodOf<Port>) => boolean;
  /** Deep equality when left out. */
  readonly compare?: Compare;
}
