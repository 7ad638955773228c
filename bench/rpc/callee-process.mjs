import { fork } from 'node:child_process';
import { once } from 'node:events';
import { answers } from './prices.mjs';

/**
 * The other side of remote calls, as a child of whoever calls; it ends with it. Its module does `await serve(place)` when
 * it is told where, and says that it is ready.
 * @param {string} module its file @param {object} place
 */
export async function startCallee(module, place) {
  const child = fork(module, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  child.send(place);
  const [ready] = await Promise.race([once(child, 'message'), once(child, 'exit')]);
  if (ready?.is !== 'ready') throw new Error(`The callee did not start${ready?.because ? `: ${ready.because}` : ''}.`);
  return {
    /** How often it has answered since this was last asked. @returns {Promise<number>} */
    answers: async () => {
      child.send({ is: 'count' });
      const [message] = await once(child, 'message');
      return message.answers;
    },
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** For the callee's module. @param {(place: object) => Promise<() => Promise<void>>} serve answers with how to stop */
export async function beCallee(serve) {
  process.on('SIGINT', () => undefined); // the terminal tells everyone; the bench decides
  const [place] = await once(process, 'message');
  try {
    const stop = await serve(place);
    process.once('disconnect', () => void stop().finally(() => process.exit(0)));
    process.on('message', () => process.send({ answers: answers() }));
    process.send({ is: 'ready' });
  } catch (error) {
    process.send({ is: 'failed', because: error.message });
    process.exitCode = 1;
    process.disconnect();
  }
}
