import { AsyncLocalStorage } from 'node:async_hooks';
import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers/promises';
import type { Dice } from './dice.js';
import type { Schedule, ScheduledEvent } from './schedule.js';

/** When simulations begin, on everybody's calendar. */
export const EPOCH = Date.UTC(2026, 0, 1);

/** What the code under simulation takes time and chance from at the moment. */
interface World {
  readonly schedule: Schedule;
  readonly dice: Dice;
}

let world: World | undefined;

function current(): World {
  if (!world) throw new Error('No simulation is running: there is neither time nor chance.');
  return world;
}

/**
 * Puts the process's clocks, timers and chance under the rule of simulations, for good: only for a process that does
 * nothing else. The code under simulation stays as it is; it reads the globals that any code reads.
 */
export function ruleTimeAndChance(): void {
  Object.assign(globalThis, {
    setTimeout: (run: () => void, ms = 0) => new VirtualTimer(run, ms, false),
    setInterval: (run: () => void, ms = 0) => new VirtualTimer(run, ms, true),
    clearTimeout: (timer: VirtualTimer | undefined) => timer?.close(),
    clearInterval: (timer: VirtualTimer | undefined) => timer?.close(),
    Date: VirtualDate,
  });
  Object.defineProperty(globalThis, 'performance', { value: { now: () => current().schedule.now }, configurable: true });
  Math.random = () => current().dice.next();
  Object.assign(crypto, { randomBytes, randomUUID, randomInt });
  timers.setTimeout = sleep;
  syncBuiltinESMExports();
}

/** From here on this world's time passes and its dice are thrown. */
export function enterWorld(entered: World): void {
  world = entered;
}

/** The clock on the wall of whoever's code is running, in milliseconds since 1970. */
function wallClock(): number {
  if (!world) return EPOCH;
  const { schedule } = world;
  return Math.floor(EPOCH + schedule.now + (schedule.current?.clockOffsetMs ?? 0));
}

class VirtualDate extends RealDate() {
  constructor(...given: unknown[]) {
    super(...(given.length === 0 ? [wallClock()] : given) as [number]);
  }

  static override now(): number {
    return wallClock();
  }
}

function RealDate(): DateConstructor {
  return Date;
}

/** A timer of whoever's code is running; it goes with its process. */
class VirtualTimer {
  private planned: ScheduledEvent | undefined;

  constructor(run: () => void, private readonly ms: number, private readonly repeats: boolean) {
    this.plan(AsyncLocalStorage.bind(run));
  }

  private plan(run: () => void): void {
    const { schedule } = current();
    const ms = Math.max(1, this.ms);
    this.planned = schedule.plan({
      delayMs: ms, kind: 'timer', actor: schedule.current, what: `a timer of ${Math.round(ms * 1_000) / 1_000} ms`,
      run: () => {
        if (this.repeats) this.plan(run);
        run();
      },
    });
  }

  close(): void {
    if (this.planned) this.planned.isCancelled = true;
  }

  unref(): this {
    return this;
  }

  ref(): this {
    return this;
  }
}

/** `setTimeout` of node:timers/promises. */
function sleep<T>(ms = 0, value?: T): Promise<T> {
  return new Promise((resolve) => { setTimeout(() => resolve(value as T), ms); });
}

function randomBytes(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at < size; at += 1) bytes[at] = current().dice.bits() & 0xff;
  return bytes;
}

function randomUUID(): string {
  const hex = randomBytes(16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

function randomInt(from: number, to?: number): number {
  return to === undefined ? current().dice.whole(0, from) : current().dice.whole(from, to);
}
