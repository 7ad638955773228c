import type { Principal } from './input.js';
import { Slot } from './slot.js';

/** All that an input does not decide by itself, as it was written down when it came. */
export interface PinnedInput {
  readonly inputId: string;
  readonly at: Date;
  readonly correlationId: string;
  readonly causationId: string;
  readonly traceparent: string;
  readonly principal: Principal | undefined;
  readonly tenant: string | undefined;
}

const slot = new Slot<PinnedInput>('banyan.replay');

/** Runs the callback so that every input which begins in it is the one that was written down; it has no deadline. */
export function replayInput<T>(pinned: PinnedInput, callback: () => T): T {
  return slot.with(pinned, callback);
}

/** The input that is done again here, or undefined: what happens here happens for the first time. */
export function replayedInput(): PinnedInput | undefined {
  return slot.get();
}
