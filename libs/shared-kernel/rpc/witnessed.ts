import type { Database } from '../persistence/index.js';
import { jsonCopy } from './json.js';
import type { Call, Transport } from './transport.js';

type Asker = Pick<Database, 'witness'>;

/** What a context asks other contexts, under the eyes of its witness. */
export class WitnessedTransport implements Transport {
  constructor(private readonly transport: Transport, private readonly asker: Asker) {}

  send(call: Call): Promise<unknown> {
    const { witness } = this.asker;
    if (!witness?.isWatching) return this.transport.send(call);
    const { operation: name, input, idempotencyKey } = call;
    return witness.ask({ name, input: idempotencyKey === undefined ? { input } : { input, idempotencyKey } }, () => this.transport.send(call));
  }
}

/** Nest calls them on whatever has them, and has called them on the port itself; and `await` looks for `then`. */
const HOOKS = new Set<string | symbol>(['then', 'onModuleInit', 'onApplicationBootstrap', 'onModuleDestroy', 'beforeApplicationShutdown', 'onApplicationShutdown']);

type Method = (this: unknown, ...given: unknown[]) => unknown;

/**
 * A port through which a context asks the outside world, under the eyes of its witness: arguments and answers of its
 * methods are JSON, and they are asynchronous.
 * @param real asked for its answer unless the witness knows it; undefined where there is nobody to ask
 */
export function witnessedPort<T extends object>(port: { readonly name: string }, real: T | undefined, asker: Asker): T {
  // The methods of a port are those that somebody calls; what they are is checked against the port's own type by the callers.
  return new Proxy(real ?? ({} as T), {
    get: (target, name) => {
      const method = Reflect.get(target, name) as unknown;
      if (HOOKS.has(name)) return undefined;
      if (typeof name === 'symbol' || (real !== undefined && typeof method !== 'function')) return method;
      const answer = async (given: unknown[]): Promise<unknown> => {
        if (typeof method !== 'function') throw new Error(`Nobody is there to answer ${port.name}.${name}.`);
        return (method as Method).apply(target, given);
      };
      return (...given: unknown[]) => {
        const { witness } = asker;
        return witness?.isWatching ? witness.ask({ name: `${port.name}.${name}`, input: jsonCopy(given) }, () => answer(given)) : answer(given);
      };
    },
  });
}
