import { setTimeout as pause } from 'node:timers/promises';

/** Resolves when the condition holds; looks often. @throws Error when it does not within the time */
export async function until(condition: () => boolean | Promise<boolean>, ms = 5_000): Promise<void> {
  const end = performance.now() + ms;
  while (!await condition()) {
    if (performance.now() > end) throw new Error(`Waited ${ms} ms in vain for: ${condition.toString()}`);
    await pause(5);
  }
}
