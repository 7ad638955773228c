/** How an executor works; times in milliseconds. */
export interface SagaSettings {
  /** Sagas under way at once in this process and context. */
  readonly concurrency: number;
  /** How long a claim holds without a sign of life. After a crash this is how long its sagas rest. */
  readonly leaseMs: number;
  /** How often to look for due sagas that nobody in this process announced. */
  readonly pollMs: number;
  /** How long one attempt of a call may take; the step's timeout bounds all its attempts together. */
  readonly attemptMs: number;
  /** The pause after the first failed attempt, and the longest pause. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** Failed attempts of a step that cannot be given up, until it is shown as needing an operator. */
  readonly attemptsBeforeOperator: number;
  /** Shows in the table who has a claim. */
  readonly instance: string;
}

export const defaultSagaSettings: SagaSettings = {
  concurrency: 16,
  leaseMs: 10_000,
  pollMs: 1_000,
  attemptMs: 15_000,
  firstPauseMs: 200,
  longestPauseMs: 30_000,
  attemptsBeforeOperator: 10,
  instance: `pid ${process.pid}`,
};
