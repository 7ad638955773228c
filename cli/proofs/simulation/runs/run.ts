import { Database } from '@banyan/kernel/persistence';
import type { DataSource } from 'typeorm';
import type { Twin } from '../postgres/book.js';
import { houseStatements } from '../statements/house.js';
import { inboxStatements } from '../statements/inbox.js';
import { outboxStatements } from '../statements/outbox.js';
import { parkingStatements } from '../statements/parking.js';
import { rpcStatements } from '../statements/rpc.js';
import { sagaStatements } from '../statements/saga.js';
import type { World } from '../world/world.js';
import type { Fault } from '../world/weather.js';

/** How one run ended. */
export interface RunReport {
  readonly seed: string;
  /** What did not hold; empty when everything did. */
  readonly broken: readonly string[];
  readonly events: number;
  readonly virtualMs: number;
  readonly struck: Readonly<Record<Fault, number>>;
  readonly digest: string;
  readonly history: readonly string[];
}

/** A scenario: how its world is made, when it is over, and what must hold then. */
export interface Scenario {
  readonly name: string;
  open(seed: string, keepsHistory: boolean): Play;
}

/** What a world is made of: the product as it is, unless a test plants a bug. */
export interface Parts {
  readonly twins: readonly Twin[];
  readonly openDatabase: (context: string, source: DataSource) => Database;
}

export const soundParts: Parts = {
  twins: [...sagaStatements, ...rpcStatements, ...outboxStatements, ...inboxStatements, ...parkingStatements, ...houseStatements],
  openDatabase: (context, source) => new Database(context, source),
};

export interface Play {
  readonly world: World;
  /** How long to go on when all is done, for what comes late. */
  readonly aftermathMs: number;
  begin(): void;
  isOver(): boolean;
  broken(): Iterable<string>;
}

/** Nothing may take longer than this, whatever happened: 30 virtual minutes, or so many events. */
const LONGEST_MS = 1_800_000;
const MOST_EVENTS = 100_000;

/** Plays one run to its end. What throws inside is a broken promise as well. */
export function play(scenario: Scenario, seed: string, keepsHistory = false): Promise<RunReport> {
  return playOn(scenario.open(seed, keepsHistory), seed);
}

/** The same, of a scenario that was opened before. */
export async function playOn({ world, aftermathMs, begin, isOver, broken }: Play, seed: string): Promise<RunReport> {
  const problems: string[] = [];
  begin();
  try {
    problems.push(...await passTime(world, aftermathMs, isOver));
    problems.push(...broken());
  } catch (error) {
    problems.push(`The run itself failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
  problems.unshift(...world.server.book.complaints);
  return {
    seed, broken: problems, events: world.schedule.steps, virtualMs: world.schedule.now, struck: world.struck,
    digest: world.history.digest(), history: world.history.lines,
  };
}

async function passTime(world: World, aftermathMs: number, isOver: () => boolean): Promise<string[]> {
  const { schedule } = world;
  let overAt = Infinity;
  while (schedule.now < overAt + aftermathMs) {
    if (schedule.now > LONGEST_MS || schedule.steps > MOST_EVENTS) return [`It did not come to an end within ${Math.round(schedule.now)} virtual ms and ${schedule.steps} events.`];
    if (world.server.book.complaints.size > 0) return ['The run was given up.'];
    if (overAt === Infinity && world.isCalm && schedule.steps % 16 === 0 && isOver()) overAt = schedule.now;
    if (!(await schedule.step())) return ['Nothing was left to happen, and yet it was not over.'];
  }
  return isOver() ? [] : ['It was over, and then it was not.'];
}
