import { setTimeout as sleep } from 'node:timers/promises';

/** Waits until the condition holds. @throws Error naming what did not come true within the time */
export async function until(what: string, condition: () => Promise<boolean> | boolean, withinMs = 30_000): Promise<void> {
  const end = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Not within ${withinMs} ms: ${what}.`);
    await sleep(10);
  }
}
