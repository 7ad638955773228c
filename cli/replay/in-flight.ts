import { Stopped } from './patience.js';

/**
 * Works through a source with at most `width` items in hand. The source is read only as fast as the
 * work goes. On the first error, and when asked to stop, nothing new is taken, what is in hand is
 * finished, and then it throws.
 */
export async function inFlight<T>(
  source: AsyncIterable<T> | Iterable<T>,
  width: number,
  stop: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const items = each(source);
  let isOver = false;
  const worker = async (): Promise<void> => {
    while (!isOver && !stop.aborted) {
      // Generators queue concurrent calls of next(), so the workers share one reader safely.
      const next = await items.next();
      if (next.done) isOver = true;
      else if (!stop.aborted) await work(next.value);
    }
  };
  const guarded = async (): Promise<void> => {
    try {
      await worker();
    } catch (error) {
      isOver = true;
      throw error;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: width }, guarded));
  await items.return(undefined);
  const failure = ends.find((end) => end.status === 'rejected');
  if (failure) throw failure.reason;
  if (stop.aborted) throw new Stopped('stopped on request');
}

async function* each<T>(source: AsyncIterable<T> | Iterable<T>): AsyncGenerator<T, undefined> {
  yield* source;
  return undefined;
}
