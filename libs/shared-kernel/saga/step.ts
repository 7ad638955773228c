import type { CommandDefinition } from '../contract/index.js';
import type { Transport } from '../rpc/index.js';

/** Why a step said no. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** Why a saga turned back: the refusal, and the step that it came from. */
export interface SagaReason extends Refusal {
  readonly step: string;
}

/** What a local step is told beside the state. */
export interface RunningSaga {
  readonly name: string;
  readonly id: string;
}

/** What the handler of a failed saga is told beside the state. */
export interface FailedSaga extends RunningSaga {
  readonly reason: SagaReason;
}

/** A class of the owning context, found by Nest. It may answer with a changed state. */
export type HandlerClass<S, Saga extends RunningSaga = RunningSaga> =
  new (...dependencies: never[]) => { run: (state: S, saga: Saga) => Promise<S | void> };

/** The same, where the type of the state is known to fit already: a list holds sagas of many states. */
export interface AnyHandler {
  run(state: unknown, saga: RunningSaga | FailedSaga): Promise<unknown>;
}
export type AnyHandlerClass = new (...dependencies: never[]) => AnyHandler;

/** What came of sending a step's command. */
export interface Sent<S> {
  readonly state: S;
  readonly refusal: Refusal | undefined;
}

/** Sends a command to another context, outside of any transaction, always with the same key. */
export interface CallStep<S> {
  readonly is: 'call';
  readonly name: string;
  readonly isPivot: false;
  readonly timeoutMs: number;
  readonly command: CommandDefinition;
  readonly mayRefuse: boolean;
  readonly compensation: Undo<S> | undefined;
  send(transport: Transport, state: S, idempotencyKey: string): Promise<Sent<S>>;
}

/** Runs in the owning context, in one transaction with the checkpoint. */
export interface LocalStep<S> {
  readonly is: 'local';
  readonly name: string;
  readonly isPivot: boolean;
  readonly timeoutMs: number;
  readonly handler: AnyHandlerClass;
  readonly compensation: AnyHandlerClass | undefined;
  /** Only the compiler sees it: the state that the handler was checked against. */
  accepts?(state: S): void;
}

export type Step<S> = CallStep<S> | LocalStep<S>;

/** The command that takes a step back. */
export interface Undo<S> {
  readonly command: CommandDefinition;
  send(transport: Transport, state: S, idempotencyKey: string): Promise<void>;
}
