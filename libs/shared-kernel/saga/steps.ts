import type { CommandDefinition, InputOf, OutputOf } from '../contract/index.js';
import { sendCommand } from '../rpc/index.js';
import { type Duration, milliseconds } from './duration.js';
import type { CallStep, HandlerClass, LocalStep, Refusal, Undo } from './step.js';

interface CallOptions<S, C extends CommandDefinition> {
  /** What to send. It follows from the state alone, so that a repetition sends the same. */
  readonly input: (state: S) => InputOf<C>;
  /**
   * How long to try before the saga gives the step up and turns back; one minute unless told. After the pivot there is no giving up.
   */
  readonly timeout?: Duration;
  /** What of the reply the saga remembers. */
  readonly keep?: (state: S, reply: OutputOf<C>) => S;
  /** Replies that mean no. The steps before this one are then compensated. */
  readonly refuseIf?: (reply: OutputOf<C>) => Refusal | undefined;
  /**
   * Takes the step back. It is also sent when nobody knows whether the step happened: when it timed out, or was refused after
   * an attempt without an answer. So it must be safe when there is nothing to take back, and must make a step that arrives
   * late harmless. It sees the state without what `keep` would have remembered of a lost reply.
   */
  readonly compensate?: Undo<S>;
}

interface LocalOptions<S> {
  /** How long to try while the database is away, before the saga turns back; one minute unless told. */
  readonly timeout?: Duration;
  readonly compensate?: HandlerClass<NoInfer<S>>;
}

const DEFAULT_TIMEOUT = '1m';

/** A step that is a command of another context. */
export function call<S, C extends CommandDefinition>(name: string, command: C, options: CallOptions<S, C>): CallStep<S> {
  return {
    is: 'call', name, command, isPivot: false,
    timeoutMs: milliseconds(options.timeout ?? DEFAULT_TIMEOUT),
    mayRefuse: options.refuseIf !== undefined,
    compensation: options.compensate,
    async send(transport, state, idempotencyKey) {
      const reply = await sendCommand(transport, command, options.input(state), { idempotencyKey });
      return { state: options.keep?.(state, reply) ?? state, refusal: options.refuseIf?.(reply) };
    },
  };
}

/** The command that takes a step back; part of `call`. */
export function undo<S, C extends CommandDefinition>(command: C, input: (state: S) => InputOf<C>): Undo<S> {
  return {
    command,
    async send(transport, state, idempotencyKey) {
      await sendCommand(transport, command, input(state), { idempotencyKey });
    },
  };
}

/**
 * A step of the owning context itself, in one transaction with the saga's progress: both happen or neither does.
 * Throwing a catalogued error that is not retryable refuses the step; the transaction is rolled back and the saga turns back.
 */
export function local<S>(name: string, handler: HandlerClass<NoInfer<S>>, options: LocalOptions<S> = {}): LocalStep<S> {
  return {
    is: 'local', name, handler, isPivot: false,
    timeoutMs: milliseconds(options.timeout ?? DEFAULT_TIMEOUT),
    compensation: options.compensate,
  };
}

/**
 * The point of no return. Once this step has committed the saga only goes forward: what follows is tried for as long as
 * it takes. Only a local step can be it, because only of a local step the saga knows for certain whether it happened.
 */
export function pivot<S>(step: LocalStep<S>): LocalStep<S> {
  return { ...step, isPivot: true };
}
