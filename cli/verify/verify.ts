import { type House, type LoadDoor, openHouse } from '../house/index.js';
import { type Exception, readExceptions, withoutExcepted } from './exceptions.js';
import { unreadableContexts } from './unreadable.js';
import { type Finding, type Violation, type WallName, inOrder } from './violation.js';

/** What came of looking at the walls. */
export interface Verdict {
  readonly walls: readonly WallReport[];
  readonly violations: readonly Violation[];
  readonly exceptions: readonly Exception[];
}

export interface WallReport {
  readonly wall: WallName;
  readonly seen: string;
  readonly violations: number;
}

/** Looks at one wall. Whatever it throws is a violation: a wall that cannot be checked does not stand. */
export type Inspection = (house: House) => Finding | Promise<Finding>;

/** How the walls are looked at; those that are missing are not. */
export type Inspections = Readonly<Partial<Record<WallName, readonly Inspection[]>>>;

interface Order {
  readonly root?: string;
  readonly load?: LoadDoor;
  readonly inspections: Inspections;
}

/** Looks at the walls that were ordered and gives every violation of all of them at once. */
export async function verify({ root, load, inspections }: Order): Promise<Verdict> {
  return verdictOn(await openHouse(root, load), inspections);
}

/** The same, of a house that is open already. */
export async function verdictOn(house: House, inspections: Inspections): Promise<Verdict> {
  const exceptions = await readExceptions(house.root);
  const ordered = Object.entries(inspections) as [WallName, readonly Inspection[]][];
  const findings = await Promise.all(ordered.map(([wall, looks]) => inspect(house, wall, looks)));
  const unreadable = ordered.slice(0, 1).flatMap(([wall]) => unreadableContexts(house, wall));
  const left = withoutExcepted([...unreadable, ...findings.flatMap((it) => it.violations)], exceptions, ordered.map(([wall]) => wall));
  return {
    walls: findings.map(({ wall, seen }) => ({ wall, seen, violations: left.filter((it) => it.wall === wall).length })),
    violations: inOrder(left), exceptions,
  };
}

async function inspect(house: House, wall: WallName, looks: readonly Inspection[]): Promise<Finding> {
  const outcomes = await Promise.all(looks.map(async (look) => {
    try {
      return await look(house);
    } catch (error) {
      return { wall, seen: 'nothing', violations: [collapsed(wall, error)] };
    }
  }));
  return { wall, seen: outcomes.map((it) => it.seen).join(', '), violations: outcomes.flatMap((it) => it.violations) };
}

function collapsed(wall: WallName, error: unknown): Violation {
  return {
    wall, rule: 'wall-unchecked', file: 'cli/verify', subject: wall,
    problem: `The wall "${wall}" could not be checked: ${error instanceof Error ? error.message : String(error)}`,
    instead: 'Remove the cause. What could not be checked does not count as safe.',
  };
}
