import { mkdtemp, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Demands, type Evidence, brokenEventPromises, brokenSagaPromises, isAllHeard } from '../house/promises.js';
import { Dice } from '../simulation/engine/dice.js';
import { Fleet } from './fleet.js';
import { Journal } from './journal.js';
import { Load } from './load.js';
import { OwnPostgres } from './own-postgres.js';
import { OwnRabbitMq } from './own-rabbitmq.js';

const APPS = 3;
/** One stop of PostgreSQL, and one restart of the broker, for so many kills. */
const KILLS_PER_STOP = 10;
const SETTLE_WITHIN_MS = 60_000;
/** How long to look for what happens a second time after everything has happened once. */
const AFTERMATH_MS = 5_000;

export interface ChaosPlan {
  readonly rounds: number;
  readonly seed: number;
  readonly eventBus: 'in-process' | 'rabbitmq';
  readonly say: (line: string) => void;
}

/** What a run has to itself. */
interface Grounds {
  readonly folder: string;
  readonly journal: Journal;
  readonly postgres: OwnPostgres;
  readonly rabbitmq: OwnRabbitMq | undefined;
  readonly fleet: Fleet;
}

/** Kills app processes, PostgreSQL, the broker and connections under load, and then looks whether every promise was kept. Answers what was not. */
export async function chaosOnBus(plan: ChaosPlan): Promise<{ readonly broken: readonly string[]; readonly survived: string }> {
  const grounds = await prepare(plan);
  let broken: readonly string[] = ['It did not come to its end.'];
  try {
    const load = new Load(grounds.fleet, grounds.journal, new Dice(`load ${plan.seed}`));
    grounds.fleet.launch(APPS);
    await until(() => grounds.fleet.readyCount > 0, 60_000, 'No app process came up.');
    load.begin();
    const cuts = await storm(plan, grounds);
    plan.say(`The storm is over after ${grounds.fleet.killed} kills; ${load.acknowledged.size} of ${load.orders.length} orders are acknowledged.`);
    await grounds.rabbitmq?.settle();
    broken = await reckon(load, grounds.postgres, plan.say);
    return { broken, survived: told(grounds, load, cuts) };
  } finally {
    await clear(grounds, broken.length === 0, plan.say);
  }
}

async function prepare({ eventBus }: ChaosPlan): Promise<Grounds> {
  const folder = await mkdtemp(join(tmpdir(), `banyan-chaos-${process.pid}-`));
  await chmod(folder, 0o755); // PostgreSQL runs as somebody else where we are root
  const journal = new Journal(join(folder, 'journal.jsonl'));
  const postgres = await OwnPostgres.start(folder, journal);
  const rabbitmq = eventBus === 'rabbitmq' ? await OwnRabbitMq.start(journal) : undefined;
  const fleet = new Fleet({ databaseUrl: postgres.url, ...(rabbitmq && { amqpUrl: rabbitmq.url }) }, journal, join(folder, 'apps.log'));
  return { folder, journal, postgres, rabbitmq, fleet };
}

async function clear({ folder, journal, postgres, rabbitmq, fleet }: Grounds, isGood: boolean, say: (line: string) => void): Promise<void> {
  await fleet.close();
  await rabbitmq?.remove();
  await postgres.stop().catch(() => undefined);
  if (isGood) await rm(folder, { recursive: true, force: true });
  else say(`What was done is in ${journal.file}, what the processes said in ${join(folder, 'apps.log')}.`);
}

function told({ fleet, postgres, rabbitmq }: Grounds, load: Load, cuts: number): string {
  const broker = rabbitmq ? `${rabbitmq.restarts} restarts of RabbitMQ, ${rabbitmq.cuts} cuts of its connections, ` : '';
  return `${fleet.killed} killed processes, ${postgres.stops} immediate stops of PostgreSQL, ${cuts} of its connections cut, ${broker}`
    + `${load.orders.length} orders of ${load.customers.length} customers with ${load.retried} repetitions`;
}

/** One kill per round, at a random moment; in between PostgreSQL or the broker is stopped now and then, or connections are cut. */
async function storm({ rounds, seed, say }: ChaosPlan, { fleet, postgres, rabbitmq }: Grounds): Promise<number> {
  const dice = new Dice(String(seed));
  let cuts = 0;
  for (let round = 1; round <= rounds; round += 1) {
    await until(() => fleet.readyCount > 1, 60_000, 'The app processes did not come back.');
    await sleep(dice.spread(100, 1_500));
    const turn = round % KILLS_PER_STOP;
    if (turn === 4) rabbitmq?.restart(dice.chance(0.5));
    else if (rabbitmq && dice.chance(0.3)) rabbitmq.cutSoon(dice);
    if (turn === 5) await postgres.stopAtOnce(dice.chance(0.3));
    else if (dice.chance(0.2)) cuts += await postgres.cutConnections(dice.next());
    await sleep(dice.spread(5, 300));
    fleet.kill((count) => dice.whole(0, count));
    if (round % 20 === 0) say(`${round} of ${rounds} kills …`);
  }
  return cuts;
}

async function reckon(load: Load, postgres: OwnPostgres, say: (line: string) => void): Promise<string[]> {
  const calmAt = performance.now();
  await Promise.race([load.end(), sleep(SETTLE_WITHIN_MS)]);
  if (load.acknowledged.size < load.orders.length) return [`${load.orders.length - load.acknowledged.size} orders were not acknowledged within ${SETTLE_WITHIN_MS / 1_000} s after the storm.`];
  const demands: Demands = load;
  const isOver = (evidence: Evidence): boolean => isAllHeard(demands, evidence) && [...evidence.sagas.values()].every((it) => it === 'done' || it === 'compensated');
  while (!isOver(await postgres.evidence()) && performance.now() - calmAt < SETTLE_WITHIN_MS) await sleep(250);
  say(`Everything came to its end ${((performance.now() - calmAt) / 1_000).toFixed(1)} s after the storm; looking for what comes twice.`);
  await sleep(AFTERMATH_MS);
  const evidence = await postgres.evidence();
  return [...brokenSagaPromises(demands, evidence), ...brokenEventPromises(demands, evidence)];
}

async function until(isSo: () => boolean, withinMs: number, otherwise: string): Promise<void> {
  const giveUpAt = performance.now() + withinMs;
  while (!isSo()) {
    if (performance.now() > giveUpAt) throw new Error(otherwise);
    await sleep(20);
  }
}
