import { randomInt } from 'node:crypto';
import { configureLog } from '@banyan/kernel/observability';
import { BadArguments, readArguments } from './arguments.js';
import { chaosOnBus } from './chaos/bus.js';
import { eventBus as chosenBus } from './config.js';
import { proofOfLifting } from './lifted/proof.js';
import { proofOfShadow } from './shadowed/proof.js';

export const CHAOS_USAGE = `npm run chaos -- bus [--rounds N] [--seed S]
npm run chaos -- lifted [--seconds N] [--broker-seconds N] [--requests N]
npm run chaos -- shadow [--seconds N]

Starts a PostgreSQL of its own and three app processes, places orders, and meanwhile kills: N times an app process
(kill -9; default 200), and for every ten of those once PostgreSQL (immediate stop), with cut connections in between.
Then all must be settled within 60 s, and the recorded history must hold: nothing lost, doubled or out of order.
With EVENT_BUS=rabbitmq there is a broker of its own as well, which is restarted as often, and cut off in the middle of
confirms. rabbitmq-server must be installed for that.

lifted: starts the shop and payments as a process of its own, with people who order, at canary and at live. Kills the process,
lets it hang (SIGSTOP) and be slow by 2 s, for N seconds each (default 15) after as long a calm; takes the broker away
(default 60 s); and tells both processes to stop under so many requests (default 1,000). Every request must be answered within
its deadline, with a 503 or 504 only where payments was asked; no connection may be reset; every order must be confirmed and
charged once. rabbitmq-server must be installed.

shadow: starts the shop with a shadow of payments, with people who order. Kills the process that plays again and again, lets
it stand still, slows it down, fills its disk and lets its code throw on every input that writes, for N seconds each (default
15). No request may fail; afterwards the shadow must be through, its copy have the rows of the original, and differences be
reported where there were some and nowhere else.`;

/** `npm run chaos`. Answers the exit code. */
export async function chaos(argv: readonly string[]): Promise<number> {
  const { words: [name, ...more], given } = readArguments(argv, { rounds: 'number', seed: 'number', seconds: 'number', 'broker-seconds': 'number', requests: 'number' });
  const proofs = new Map(Object.entries({ bus: () => chaosOfBus(given), lifted: () => chaosOfLifting(given), shadow: () => chaosOfShadow(given) }));
  const proof = proofs.get(name ?? '');
  if (!proof || more.length > 0) throw new BadArguments('Say what to shake: npm run chaos -- bus, npm run chaos -- lifted, or npm run chaos -- shadow');
  configureLog({ level: 'fatal' });
  return proof();
}

async function chaosOfShadow({ seconds = 15 }: { seconds?: number }): Promise<number> {
  const { broken, survived } = await proofOfShadow({ seconds, say: (line) => console.log(line) });
  for (const problem of broken) console.log(`✖ ${problem}`);
  console.log(broken.length > 0 ? `Broken: ${broken.length} of what must hold.` : `Survived ${survived}: nobody noticed, and nothing was reported that was not so.`);
  return broken.length > 0 ? 1 : 0;
}

async function chaosOfLifting({ seconds = 15, 'broker-seconds': brokerSeconds = 60, requests = 1_000 }: { seconds?: number; 'broker-seconds'?: number; requests?: number }): Promise<number> {
  const { broken, survived } = await proofOfLifting({ seconds, brokerSeconds, requests, say: (line) => console.log(line) });
  for (const problem of broken) console.log(`✖ ${problem}`);
  console.log(broken.length > 0 ? `Broken: ${broken.length} of what must hold.` : `Survived ${survived}: every request answered, every order charged once.`);
  return broken.length > 0 ? 1 : 0;
}

async function chaosOfBus({ rounds = 200, seed = randomInt(1, 2 ** 31) }: { rounds?: number; seed?: number }): Promise<number> {
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
