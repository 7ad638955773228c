import { InvalidInput } from '../../contract/index.js';
import type { Side } from '../stage.js';

/** Answer late, answer with an error, or do not answer. */
export const faultKinds = ['delay', 'error', 'drop'] as const;
export type FaultKind = (typeof faultKinds)[number];

/** What is done on purpose to requests and calls, to see how the rest of the house bears it. */
export interface Fault {
  /** A context (`payments`), one of its operations (`payments.capture-payment`), or a route (`GET /v1/payments`). */
  readonly target: string;
  readonly kind: FaultKind;
  /** Of a delay: how long, in milliseconds. */
  readonly delayMs: number;
  /** How many of a hundred it hits, by chance. */
  readonly percent: number;
  /** Only there; on both sides when undefined. */
  readonly side: Side | undefined;
}

/** A minute is longer than any deadline of the house. */
export const LONGEST_DELAY_MS = 60_000;

const FAULT = /^(?<target>[a-z][a-z0-9-]*(?:\.[A-Za-z0-9-]+)?|(?:GET|POST|PUT|PATCH|DELETE) \/\S+) (?<kind>delay|error|drop)(?: (?<ms>\d{1,5}))?$/;
const LONGEST_TEXT = 250;
const EXAMPLE = 'Write for example: payments delay 2000, or: payments error, catalog.price-products drop';

/**
 * The faults that a request asks for itself: `payments delay 2000, catalog.price-products error`.
 * @throws InvalidInput
 */
export function readFaults(header: string): Fault[] {
  return header.split(',').map((it) => readFault(it.trim()));
}

function readFault(text: string): Fault {
  const { target, kind, ms } = (text.length <= LONGEST_TEXT ? FAULT.exec(text)?.groups : undefined) ?? {};
  if (target === undefined || (kind === 'delay') !== (ms !== undefined) || Number(ms ?? 0) > LONGEST_DELAY_MS) {
    throw new InvalidInput(`X-Banyan-Fault cannot be read at "${text.slice(0, 100)}". ${EXAMPLE}. A delay is in milliseconds, ${LONGEST_DELAY_MS} at most.`);
  }
  return { target, kind: kind as FaultKind, delayMs: Number(ms ?? 0), percent: 100, side: undefined };
}
