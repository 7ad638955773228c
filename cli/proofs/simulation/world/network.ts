import { Unavailable } from '@banyan/kernel/contract';
import type { Call, Transport } from '@banyan/kernel/rpc';
import { deadlineIn, remainingMs, runInput } from '@banyan/kernel/runtime';
import type { Dice } from '../engine/dice.js';
import type { Schedule } from '../engine/schedule.js';
import type { SimulatedProcess } from './process.js';
import type { Weather } from './weather.js';

/** Calls between processes: requests and replies travel by themselves, get lost, or arrive twice. */
export class Network {
  constructor(
    private readonly schedule: Schedule, private readonly dice: Dice, private readonly weather: Weather,
    private readonly alive: () => readonly SimulatedProcess[],
  ) {}

  /** The way out of a process: to itself, or to another one. */
  from(caller: SimulatedProcess): Transport {
    return {
      send: (call) => {
        const callee = this.dice.chance(0.5) ? caller : this.dice.pick(this.alive());
        return callee === caller ? caller.dispatcher.send(call) : this.exchange(caller, callee, call);
      },
    };
  }

  /** Somebody outside of all processes sends a call, once. */
  knock(callee: SimulatedProcess, call: Call, heard: (outcome: { readonly is: 'answer' | 'error' }) => void): void {
    this.arrive(callee, call, Infinity, (outcome) => {
      this.schedule.plan({ delayMs: this.weather.latency(), kind: 'call', what: `${call.operation} answered to the world`, run: () => heard({ is: 'error' in outcome ? 'error' : 'answer' }) });
    });
  }

  private exchange(caller: SimulatedProcess, callee: SimulatedProcess, call: Call): Promise<unknown> {
    const { dice, weather } = this;
    return new Promise((resolve, reject) => {
      const answer = (outcome: Outcome): void => {
        if (dice.chance(weather.lostReplies)) return;
        this.schedule.plan({
          delayMs: weather.latency(), kind: 'call', actor: caller, what: `${call.operation} ${call.idempotencyKey ?? ''} is answered`,
          run: () => { if ('error' in outcome) reject(outcome.error as Error); else resolve(outcome.reply); },
        });
      };
      const left = remainingMs();
      if (!dice.chance(weather.lostRequests)) this.arrive(callee, call, left, answer);
      if (dice.chance(weather.doubledRequests)) this.schedule.plan({ delayMs: dice.spread(1, 30_000), kind: 'world', what: `${call.operation} comes again`, run: () => this.arrive(this.aliveOr(callee), call, Infinity, () => {}) });
      if (callee.isDead) reject(new Unavailable(`${callee.name} is not there.`));
    });
  }

  private arrive(callee: SimulatedProcess, call: Call, leftMs: number, answer: (outcome: Outcome) => void): void {
    this.schedule.plan({
      delayMs: this.weather.latency(), kind: 'call', actor: callee, what: `${callee.name} is asked for ${call.operation} ${call.idempotencyKey ?? ''}`,
      run: () => {
        const deadline = leftMs === Infinity ? {} : { deadline: deadlineIn(leftMs) };
        runInput(deadline, () => callee.dispatcher.send(call)).then((reply) => answer({ reply }), (error: unknown) => answer({ error }));
      },
    });
  }

  private aliveOr(callee: SimulatedProcess): SimulatedProcess {
    const alive = this.alive();
    return alive.length > 0 ? this.dice.pick(alive) : callee;
  }
}

type Outcome = { readonly reply: unknown } | { readonly error: unknown };
