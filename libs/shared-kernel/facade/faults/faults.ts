import { setTimeout as pause } from 'node:timers/promises';
import { defineError } from '../../contract/index.js';
import type { Reply, Request } from '../../http/index.js';
import type { Transport } from '../../rpc/index.js';
import { checkDeadline, currentInput, remainingMs, wallClock } from '../../runtime/index.js';
import type { Side } from '../stage.js';
import { type Fault, LONGEST_DELAY_MS, readFaults } from './fault.js';

const InjectedFault = defineError({
  code: 'injected-fault', http: 500, grpc: 'INTERNAL', retryable: true,
  help: 'Somebody lets this fail on purpose, to see how the rest bears it. Operators see who and until when: npx banyan fault',
});

/** A fault that an operator has set, as this process knows it. */
export interface StandingFault extends Fault {
  /** On this process's own monotonic clock, in milliseconds. */
  readonly endsAt: number;
}

/** What decides which faults hit here. */
export interface FaultsParts {
  readonly side: Side;
  /** Those that operators have set; asked for every request and call. */
  readonly standing: () => readonly StandingFault[];
  /** May a request ask for faults itself? In development only. */
  readonly obeysHeader: boolean;
}

/** A request in a hook. */
interface Passing {
  readonly request: Request;
  readonly reply: Reply;
  readonly done: (error?: Error) => void;
}

/** Does to requests and calls what was asked for, in the process that would serve them. */
export class Faults {
  constructor(private readonly parts: FaultsParts) {}

  /** Fastify's `onRequest` hook, behind the one that sends requests to where their context runs. */
  readonly hook = (request: Request, reply: Reply, done: (error?: Error) => void): void => {
    if (this.parts.standing().length === 0 && currentInput()?.faults === undefined) return done();
    const { url: route, config } = request.routeOptions;
    const context = config.banyan?.context;
    if (context === undefined || context === 'app') return done();
    void this.befall([context, `${request.method} ${route ?? ''}`], { request, reply, done });
  };

  private async befall(names: readonly string[], { request, reply, done }: Passing): Promise<void> {
    try {
      const fault = this.hitting(names);
      if (fault?.kind === 'drop') {
        reply.hijack();
        request.raw.socket.destroy();
        return;
      }
      if (fault) await suffer(fault);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  }

  /** The same for calls. One that is dropped is never answered: its caller waits until its deadline. */
  around(inner: Transport): Transport {
    return {
      send: async (call) => {
        const fault = this.hitting([call.operation.slice(0, call.operation.indexOf('.')), call.operation]);
        if (fault) await suffer(fault);
        return inner.send(call);
      },
    };
  }

  private hitting(names: readonly string[]): Fault | undefined {
    return [...this.standing(), ...this.asked()].find(({ target, side, percent }) =>
      names.includes(target) && (side ?? this.parts.side) === this.parts.side && (percent >= 100 || Math.random() * 100 < percent));
  }

  private standing(): readonly StandingFault[] {
    const all = this.parts.standing();
    return all.length === 0 ? all : all.filter(({ endsAt }) => endsAt > wallClock.ticks());
  }

  private asked(): Fault[] {
    const header = this.parts.obeysHeader ? currentInput()?.faults : undefined;
    return header === undefined ? [] : readFaults(header);
  }
}

/** @throws InjectedFault, DeadlineExceeded */
async function suffer({ kind, delayMs, target }: Fault): Promise<void> {
  if (kind === 'error') throw new InjectedFault(`${target} fails because somebody asked for it.`, { target });
  // Timers count whole milliseconds and may be a part of one early by the clock.
  await pause(Math.min(kind === 'drop' ? LONGEST_DELAY_MS : delayMs, remainingMs() + 1));
  if (kind === 'drop') throw new InjectedFault(`${target} does not answer because somebody asked for it.`, { target });
  checkDeadline(`a delay of ${target}, which somebody asked for, was over`);
}
