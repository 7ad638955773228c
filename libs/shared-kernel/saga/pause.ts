import type { SagaSettings } from './settings.js';

/** The next pause by decorrelated jitter, in milliseconds: between the first pause and three times the last one, up to the longest. */
export function nextPause(lastMs: number, { firstPauseMs, longestPauseMs }: SagaSettings, random: () => number = Math.random): number {
  const upTo = Math.max(firstPauseMs, lastMs * 3);
  return Math.round(Math.min(longestPauseMs, firstPauseMs + random() * (upTo - firstPauseMs)));
}
