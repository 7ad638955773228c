import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** The process that plays, as a child of whoever serves; it ends with it. @param {object} places of tape, copy and results */
export async function startShadow(places) {
  const child = fork(join(import.meta.dirname, 'shadow-process.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(child, 'exit');
  child.send(places);
  const [ready] = await Promise.race([once(child, 'message'), ended]);
  if (ready !== 'ready') throw new Error('The shadow did not start.');
  return {
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
  };
}
