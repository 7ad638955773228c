import type { Outcome } from './progress.js';

/**
 * Hears what becomes of sagas, for figures; told after it is stored. A checkpoint whose process dies before it hears of
 * the commit is told to nobody. Must not throw.
 */
export interface SagaObserver {
  stepEnded(saga: string, step: string, outcome: Outcome): void;
  /** An attempt failed, and there will be another one. */
  attemptFailed(saga: string, step: string): void;
  /** @param seconds since it was started */
  sagaEnded(saga: string, outcome: 'done' | 'compensated', seconds: number): void;
}

/** For those who need no figures. */
export const unobserved: SagaObserver = {
  stepEnded: () => undefined,
  attemptFailed: () => undefined,
  sagaEnded: () => undefined,
};
