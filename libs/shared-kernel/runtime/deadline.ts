import { DeadlineExceeded } from '../contract/index.js';
import { currentInput } from './input.js';
import { wallClock } from './wall-clock.js';

/** The instant that lies so many milliseconds ahead. */
export function deadlineIn(ms: number): Date {
  return new Date(wallClock.now().getTime() + ms);
}

/** Milliseconds left until the input's deadline; Infinity without one. */
export function remainingMs(): number {
  const deadline = currentInput()?.deadline;
  return deadline ? deadline.getTime() - wallClock.now().getTime() : Infinity;
}

/** @throws DeadlineExceeded when the input's time is used up */
export function checkDeadline(doing: string): void {
  if (remainingMs() <= 0) throw new DeadlineExceeded(`Time ran out before ${doing}.`);
}
