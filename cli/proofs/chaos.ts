import { randomInt } from 'node:crypto';
import { configureLog } from '@banyan/kernel/observability';
import { BadArguments, readArguments } from './arguments.js';
import { chaosOnBus } from './chaos/bus.js';
import { eventBus as chosenBus } from './config.js';

export const CHAOS_USAGE = `npm run chaos -- bus [--rounds N] [--seed S]

Starts a PostgreSQL of its own and three app processes, places orders, and meanwhile kills: N times an app process
(kill -9; default 200), and for every ten of those once PostgreSQL (immediate stop), with cut connections in between.
Then all must be settled within 60 s, and the recorded history must hold: nothing lost, doubled or out of order.
With EVENT_BUS=rabbitmq there is a broker of its own as well, which is restarted as often, and cut off in the middle of
confirms. rabbitmq-server must be installed for that.`;

/** `npm run chaos`. Answers the exit code. */
export async function chaos(argv: readonly string[]): Promise<number> {
  const { words: [name, ...more], given } = readArguments(argv, { rounds: 'number', seed: 'number' });
  if (name !== 'bus' || more.length > 0) throw new BadArguments('Say what to shake: npm run chaos -- bus');
  const { rounds = 200, seed = randomInt(1, 2 ** 31) } = given;
  configureLog({ level: 'fatal' });
  const eventBus = chosenBus();
  console.log(`Chaos on the bus (${eventBus}), ${rounds} rounds, seed ${seed}.`);
  const { broken, survived } = await chaosOnBus({ rounds, seed, eventBus, say: (line) => console.log(line) });
  for (const problem of broken.slice(0, 50)) console.log(`✖ ${problem}`);
  if (broken.length > 0) {
    console.log(`Broken: ${broken.length} promises, seed ${seed}.`);
    return 1;
  }
  console.log(`Survived ${survived}: 0 lost, 0 doubled, 0 out of order, all sagas at their end within 60 s. Seed ${seed}.`);
  return 0;
}
