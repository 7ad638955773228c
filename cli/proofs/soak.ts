import { configureLog } from '@banyan/kernel/observability';
import { BadArguments, readArguments } from './arguments.js';
import { soakOutbox } from './soak/outbox.js';

export const SOAK_USAGE = `npm run soak -- outbox [--events N]

Sends N events (default 10,000,000) from one context to another, through an outbox that is bounded by what listens, on a
PostgreSQL of its own. Prints speed and table sizes as it goes. At the end both must be within 20 % of the start, and
every event must have been heard once and in order.`;

/** `npm run soak`. Answers the exit code. */
export async function soak(argv: readonly string[]): Promise<number> {
  const { words: [name, ...more], given } = readArguments(argv, { events: 'number' });
  if (name !== 'outbox' || more.length > 0) throw new BadArguments('Say what to soak: npm run soak -- outbox');
  configureLog({ level: 'warn' });
  const { broken, survived } = await soakOutbox({ events: given.events ?? 10_000_000, say: (line) => console.log(line) });
  for (const problem of broken) console.log(`✖ ${problem}`);
  if (broken.length > 0) {
    console.log(`Broken: ${broken.length} of what must hold.`);
    return 1;
  }
  console.log(`Survived ${survived}.`);
  return 0;
}
