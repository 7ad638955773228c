import { configureLog } from '@banyan/kernel/observability';
import { ruleTimeAndChance } from './engine/globals.js';
import { type RunReport, play } from './runs/run.js';
import { scenarioOf } from './scenarios.js';

/** What a process of runs tells the one that started it. */
export type PartMessage =
  | { readonly is: 'played'; readonly runs: number; readonly events: number; readonly virtualMs: number; readonly struck: RunReport['struck'] }
  | { readonly is: 'broken'; readonly scenario: string; readonly report: RunReport };

const REPORT_EVERY = 50;

/**
 * Plays the seeds from the first on, and tells `send` how it goes. Ends at the first broken promise, which it plays
 * again to keep its history. Takes the process's clocks over for good.
 */
export async function playPart(first: number, runs: number, keepsHistory: boolean, send: (message: PartMessage) => void): Promise<void> {
  ruleTimeAndChance();
  configureLog({ level: 'silent' });
  let sum = none();
  for (let seed = first; seed < first + runs; seed += 1) {
    const scenario = scenarioOf(seed);
    const report = await play(scenario, String(seed), keepsHistory);
    sum = plus(sum, report);
    if (report.broken.length > 0 || keepsHistory) {
      const told = keepsHistory ? report : await play(scenario, String(seed), true);
      send({ is: 'broken', scenario: scenario.name, report: told.broken.length > 0 || keepsHistory ? told : forgetful(report, told) });
      break;
    }
    if (sum.runs === REPORT_EVERY) {
      send(sum);
      sum = none();
    }
  }
  send(sum);
}

type Played = Extract<PartMessage, { is: 'played' }>;

const none = (): Played => ({ is: 'played', runs: 0, events: 0, virtualMs: 0, struck: { kill: 0, pause: 0, cut: 0, stall: 0, 'stop-server': 0 } });

function plus(sum: Played, { events, virtualMs, struck }: RunReport): Played {
  const { kill, pause, cut, stall } = struck;
  return {
    is: 'played', runs: sum.runs + 1, events: sum.events + events, virtualMs: sum.virtualMs + virtualMs,
    struck: {
      kill: sum.struck.kill + kill, pause: sum.struck.pause + pause, cut: sum.struck.cut + cut, stall: sum.struck.stall + stall,
      'stop-server': sum.struck['stop-server'] + struck['stop-server'],
    },
  };
}

/** The same seed did not break again: the simulation itself is broken. */
function forgetful(report: RunReport, again: RunReport): RunReport {
  return { ...again, broken: [...report.broken, `And: played again, the seed did not break any more (${report.digest}, then ${again.digest}). Something escapes the schedule.`] };
}
