/** How often a condition is looked at, in milliseconds. */
const LOOK_EVERY = 20;

/**
 * Waits until the check passes, that is, until it no longer throws.
 * @param within milliseconds
 * @throws the check's last error when the time is up
 */
export async function eventually<T>(check: () => Promise<T> | T, within = 15_000): Promise<T> {
  const end = performance.now() + within;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => { setTimeout(resolve, LOOK_EVERY); });
    }
  }
}
