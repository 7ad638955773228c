import type { EventEnvelope } from '../../contract/index.js';
import { type Database, openDatabase } from '../../persistence/index.js';
import { runInput, requireInput } from '../../runtime/index.js';
import { type ContextMessaging, type Duty, type EventSubscription, type EventTransport, MessageBus, type MessagingSettings, type ReadModel } from '../index.js';
import { type ContextName, contextNames, contracts, counted } from './contexts.js';

export interface Heard {
  readonly key: string;
  readonly n: number;
}

/** Something a listening handler does before it writes down what it heard. */
export type Before = (payload: Heard, envelope: EventEnvelope, context: ContextName) => Promise<void> | void;

export interface InstanceOptions {
  /** The contexts that run in this process; all of them when left out. */
  readonly hosts?: readonly ContextName[];
  readonly settings?: Partial<MessagingSettings>;
  readonly transport?: EventTransport;
  /** Which share of every context's work falls to this process; all of it when left out. */
  readonly duty?: Duty;
  readonly before?: Before;
  /** Begins with making anew what "left" has heard. */
  readonly rebuild?: ReadModel['rebuild'];
  /** In place of the handlers that write down what they hear. */
  readonly subscriptions?: Partial<Record<ContextName, (instance: Instance) => EventSubscription[]>>;
}

/** For instances that die, or that take over from the dead: nobody has to wait long for what they had. */
export const mortal = { leaseMs: 500 } as const;

/**
 * Impatient, so that tests are quick; the kinds of things that happen are the same. But a machine that is busy for a
 * moment is no death: events that count as begun by somebody dead have fewer attempts left.
 */
const impatient: Partial<MessagingSettings> = { pollMs: 50, leaseMs: 10_000, firstDelayMs: 5, longestDelayMs: 50, longestPauseMs: 100 };

/** One process's worth of the bus, with pools of its own. */
export class Instance {
  private constructor(
    readonly bus: MessageBus,
    readonly databases: Readonly<Record<ContextName, Database>>,
    readonly messaging: Readonly<Record<ContextName, ContextMessaging>>,
  ) {}

  static async open(urls: Readonly<Record<ContextName, string>>, applicationName: string, options: InstanceOptions): Promise<Instance> {
    const open = (context: ContextName) => openDatabase({ context, url: urls[context], applicationName, poolSize: 8 });
    const databases = { source: await open('source'), left: await open('left'), right: await open('right') };
    const bus = new MessageBus({ ...impatient, ...options.settings }, options.transport);
    // What is not hosted here can still be asked; a bus that is never started runs nothing.
    const elsewhere = new MessageBus();
    const join = (context: ContextName) => (options.hosts?.includes(context) ?? true ? bus : elsewhere).join({
      database: databases[context], contract: contracts[context], ...(options.duty && { duty: options.duty }),
      ...(context === 'left' && { readModel: { tables: ['heard'], ...(options.rebuild && { rebuild: options.rebuild }) } }),
    });
    const instance = new Instance(bus, databases, { source: join('source'), left: join('left'), right: join('right') });
    for (const context of contextNames) {
      const listening = options.subscriptions?.[context]?.(instance) ?? (context === 'source' ? [] : [instance.writesDown(context, options.before)]);
      instance.messaging[context].subscribe(listening);
    }
    await bus.start().catch(async (error: unknown) => {
      await instance.stop();
      throw error;
    });
    await bus.noteBypass();
    return instance;
  }

  /** A handler that stores what it hears. */
  writesDown(context: ContextName, before: Before = () => {}): EventSubscription {
    return {
      definition: counted,
      run: async (payload, envelope) => {
        const heard = counted.payload.parse(payload);
        await before(heard, envelope, context);
        const { inputId, at } = requireInput();
        await this.databases[context].query('INSERT INTO heard (key, n, input_id, at) VALUES ($1, $2, $3, $4)', [heard.key, heard.n, inputId, at]);
      },
    };
  }

  /** Counts the key up by one and says so, as one input; `meanwhile` runs inside the transaction, after the announcement. */
  async count(key: string, meanwhile: () => Promise<void> | void = () => {}): Promise<number> {
    const { source } = this.databases;
    return runInput({ context: 'source' }, () => source.transaction(async () => {
      const rows = await source.query<{ n: number }>(
        'INSERT INTO counter AS it (key, n) VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET n = it.n + 1 RETURNING n', [key],
      );
      const n = rows[0]?.n ?? 0;
      this.messaging.source.events.announce(counted({ key, n }));
      await meanwhile();
      return n;
    }));
  }

  async stop(): Promise<void> {
    await this.bus.stop();
    await this.bus.noteBypass();
    await Promise.all(contextNames.map((it) => this.databases[it].close()));
  }
}
