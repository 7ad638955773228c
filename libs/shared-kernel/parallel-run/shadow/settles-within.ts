/** Into how many slices a limit is cut. */
const SLICES = 20;

/**
 * Waits for a promise at most so long, in milliseconds of this process's own life: a time in which it was stopped or got no
 * turn counts as one slice, however long it was. So who was kept from listening does not call the other one late.
 * @returns false when it has not settled in that time
 */
export function settlesWithin(settling: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let left = SLICES;
  const timer = setTimeout(() => {
    left -= 1;
    if (left === 0) resolve(false);
    else timer.refresh();
  }, limitMs / SLICES);
  const settled = (): void => {
    clearTimeout(timer);
    resolve(true);
  };
  settling.then(settled, settled);
  return promise;
}
