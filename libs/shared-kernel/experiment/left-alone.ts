import { AsyncLocalStorage } from 'node:async_hooks';

type Hear = (error: unknown) => void;

const candidates = new AsyncLocalStorage<Hear>();

/**
 * Runs what a candidate does. A promise that it left alone and that fails would end the process, and fail it does where
 * the candidate is given up: so whoever runs it hears of that. Those of others end the process as ever.
 */
export function leftAlone<T>(hear: Hear, work: () => T): T {
  if (!process.listeners('unhandledRejection').includes(listen)) process.on('unhandledRejection', listen);
  return candidates.run(hear, work);
}

function listen(error: unknown): void {
  const hear = candidates.getStore();
  if (hear) hear(error);
  else if (process.listenerCount('unhandledRejection') === 1) throw error;
}
