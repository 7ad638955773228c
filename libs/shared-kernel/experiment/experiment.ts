import type { FactoryProvider, Type } from '@nestjs/common';
import { Metrics } from '../observability/index.js';
import { Database } from '../persistence/index.js';
import { differences } from './differences.js';
import { Experiments } from './experiments.js';
import type { ExperimentSettings, MethodOf } from './settings.js';
import { type Call, type Side, Trial } from './trial.js';

type Method = (...args: readonly unknown[]) => unknown;
type Token<Port> = abstract new (...args: never[]) => Port;

/** Nest calls these on the implementations themselves. */
const NESTS_OWN = ['constructor', 'onModuleInit', 'onModuleDestroy', 'onApplicationBootstrap', 'beforeApplicationShutdown', 'onApplicationShutdown'];

/**
 * A provider of the port that answers what the control answers, always, and compares the candidate with it as the settings
 * say. Arguments and answers of what is compared are plain values. List both implementations among the providers, too.
 */
export function experiment<Port extends object>(port: Token<Port>, settings: ExperimentSettings<Port>): FactoryProvider<Port> {
  return {
    provide: port,
    useFactory: (database: Database, metrics: Metrics, experiments: Experiments, control: Port, candidate: Port) => {
      const trial = new Trial(database, metrics, complete(settings));
      experiments.add(settings.name, trial);
      return comparing(trial, settings, { control, candidate });
    },
    inject: [Database, Metrics, Experiments, settings.control as Type, settings.candidate as Type],
  };
}

function complete<Port extends object>({ name, percent = 100, waitMs = 50, timeoutMs = 2_000, budget = 0.1, atOnce = 2, clean, ignore, compare = differences }: ExperimentSettings<Port>) {
  return {
    name, percent, waitMs, timeoutMs, budget, atOnce, compare,
    clean: (value: unknown, method: string) => (clean ? clean(value, method as MethodOf<Port>) : value),
    ignore: (...[difference, method]: [Parameters<NonNullable<typeof ignore>>[0], string]) => ignore?.(difference, method as MethodOf<Port>) ?? false,
  };
}

/** An object with the port's methods. It is made of the control's own ones; the compiler cannot see that. */
function comparing<Port extends object>(trial: Trial, { reads = [], writes = {} }: ExperimentSettings<Port>, sides: Readonly<Record<Side, Port>>): Port {
  const read = (side: Side, method: string): Method => Reflect.get(sides[side], method) as Method;
  const ask = (method: string): Call['ask'] => async (side, args) => read(side, method).apply(sides[side], [...args]);
  const compared = (method: string): Method | undefined => {
    if (reads.some((it) => it === method)) return (...args) => trial.run({ method, kind: 'read', args, ask: ask(method) });
    const written = Reflect.get(writes, method) as Method | undefined;
    if (!written) return undefined;
    return (...args) => trial.run({ method, kind: 'write', args, ask: ask(method), written: async (side, given) => written(sides[side], ...given) });
  };
  return Object.fromEntries(methodsOf(sides.control).map((method) =>
    [method, compared(method) ?? ((...args: readonly unknown[]) => read('control', method).apply(sides.control, [...args]))])) as Port;
}

function methodsOf(object: object): string[] {
  const names = new Set<string>();
  for (let at: object | null = object; at && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Object.getOwnPropertyNames(at)) if (typeof Reflect.get(object, name) === 'function') names.add(name);
  }
  return [...names].filter((it) => !NESTS_OWN.includes(it));
}
