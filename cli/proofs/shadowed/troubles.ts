import { setTimeout as sleep } from 'node:timers/promises';
import type { House } from '../lifted/house.js';
import { COPY } from './shadow.js';

/** Something that befalls the shadow of payments. */
export interface ShadowTrouble {
  readonly name: string;
  /** Whether the shadow does something else than the original meanwhile, which has to be found. */
  readonly differs: boolean;
  inflict(house: House): Promise<void>;
  /** Afterwards all is as before. */
  relieve(house: House): Promise<void>;
}

/** The process that plays, if there is one at the moment. */
async function players(house: House): Promise<number[]> {
  return house.payments?.children() ?? [];
}

async function signal(house: House, name: NodeJS.Signals): Promise<void> {
  for (const pid of await players(house)) process.kill(pid, name);
}

/** Again and again, for as long as it lasts. */
function everySecond(work: () => Promise<void>): () => Promise<void> {
  const over = new AbortController();
  const loop = (async () => { while (!over.signal.aborted) { await work().catch(() => undefined); await sleep(1_000); } })();
  return async () => {
    over.abort();
    await loop;
  };
}

function killedAgainAndAgain(): ShadowTrouble {
  let end: (() => Promise<void>) | undefined;
  return {
    name: 'killed again and again', differs: false,
    inflict: async (house) => { end = everySecond(() => signal(house, 'SIGKILL')); },
    relieve: async () => { await end?.(); },
  };
}

const standingStill: ShadowTrouble = {
  name: 'standing still', differs: false,
  inflict: (house) => signal(house, 'SIGSTOP'),
  relieve: (house) => signal(house, 'SIGCONT'),
};

/** Runs for a tenth of the time. */
function slowedDown(): ShadowTrouble {
  let end: (() => Promise<void>) | undefined;
  return {
    name: 'slowed down', differs: false,
    inflict: async (house) => {
      end = everySecond(async () => {
        await signal(house, 'SIGSTOP');
        await sleep(900);
        await signal(house, 'SIGCONT');
      });
    },
    relieve: async () => { await end?.(); },
  };
}

/** A trigger that refuses everything on one table of the copy. @param sqlState of what it refuses with */
function refusing(table: string, sqlState: string): Pick<ShadowTrouble, 'inflict' | 'relieve'> {
  return {
    inflict: async (house) => {
      await house.query(`CREATE FUNCTION payments.trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a proof' USING ERRCODE = '${sqlState}'; END $$;
        CREATE TRIGGER trouble BEFORE INSERT OR UPDATE ON payments.${table} FOR EACH ROW EXECUTE FUNCTION payments.trouble()`, [], COPY);
    },
    relieve: async (house) => { await house.query('DROP FUNCTION payments.trouble() CASCADE', [], COPY); },
  };
}

export function troubles(): readonly ShadowTrouble[] {
  return [
    killedAgainAndAgain(), standingStill, slowedDown(),
    { name: 'its disk full', differs: false, ...refusing('played', '53100') },
    { name: 'throwing on every input that writes', differs: true, ...refusing('payment', 'P0001') },
  ];
}
