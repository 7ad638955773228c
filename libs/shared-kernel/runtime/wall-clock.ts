/** The machine's clock, for the kernel and the apps alone; contexts ask `Clock`, which is pinned per input. */
export const wallClock = {
  now: (): Date => new Date(),
  /** Monotonic milliseconds, for durations. */
  ticks: (): number => performance.now(),
};
