import { LANES } from './key.js';

/**
 * Which share of a context's work falls to this process, where several processes run the same context. It decides who
 * does what and nothing else: locks, leases and inboxes keep every promise whatever it answers, also while two
 * processes are not of one mind. Asked again and again, since it may change at any moment.
 */
export interface Duty {
  /** Is what arrives in this lane handled here? Otherwise it is stored for whoever does. */
  handles(lane: number): boolean;
  /** Are the context's own events carried to others from here? */
  relays(): boolean;
  /** Tells the listener whenever the answers have changed. */
  onChange(listener: () => void): void;
}

/** All of it, for good: what a context has that runs in one kind of process. */
export const wholeDuty: Duty = { handles: () => true, relays: () => true, onChange: () => undefined };

/** Is anything that arrives handled here? */
export function handlesAny(duty: Duty): boolean {
  for (let lane = 0; lane < LANES; lane += 1) if (duty.handles(lane)) return true;
  return false;
}
