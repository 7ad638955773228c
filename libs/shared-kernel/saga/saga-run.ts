import { createHash } from 'node:crypto';
import { MaybeExecuted } from '../contract/index.js';
import { type Log, type SpanFacts, runTraced } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import type { Transport } from '../rpc/index.js';
import { deadlineIn, wallClock } from '../runtime/index.js';
import type { Checkpoints } from './checkpoints.js';
import type { SagaDefinition } from './define-saga.js';
import { describe, refusalIn } from './outcome-of-error.js';
import { ClaimLost, type LocalSteps } from './local-steps.js';
import type { SagaObserver } from './observer.js';
import { nextPause } from './pause.js';
import { type Outcome, type Position, type Task, after, mayTurnBack, taskAt } from './progress.js';
import type { Claim, Move, SagaTable } from './saga-table.js';
import type { SagaSettings } from './settings.js';
import type { AnyHandler, AnyHandlerClass, Refusal, SagaReason } from './step.js';
import { within } from './within.js';

/** What all runs of an executor share. */
export interface Workshop {
  readonly database: Database;
  readonly table: SagaTable;
  readonly checkpoints: Checkpoints;
  readonly localSteps: LocalSteps;
  readonly transport: Transport;
  readonly resolve: (handlerClass: AnyHandlerClass) => AnyHandler;
  readonly settings: SagaSettings;
  readonly log: Log;
  readonly observer: SagaObserver;
}

/** How a run came to its end: at the end of the saga, to be tried later, interrupted by a stop, or without its claim. */
export type RunEnd = { readonly is: 'ended' | 'stopped' | 'lost' } | { readonly is: 'later'; readonly pauseMs: number };

/** Attempts that nobody saw fail, after which an overdue step is taken for one that kills its process. */
const ATTEMPTS_WITHOUT_WITNESS = 3;

/**
 * One saga under one claim: step after step, each with its checkpoint, for as long as the claim holds and nothing fails.
 *
 * A call runs outside of any transaction and has the same key in every attempt; its checkpoint is a statement of its own.
 * A local step runs in one transaction with its checkpoint, maybe together with those of others (`LocalSteps`). Every
 * checkpoint is fenced by the claim's epoch: of two runs that both believe to hold the saga, one writes nothing. When the
 * process dies the lease runs out, and the next executor does the step at hand again with the same key.
 */
export class SagaRun {
  private position: Position;
  private state: unknown;
  private reason: SagaReason | null;
  private attempts: number;
  private since: string;
  private pauseMs: number;
  /** These two on this process's monotonic clock. */
  private giveUpAt: number;
  private readonly startedAt: number;

  constructor(private readonly shop: Workshop, private readonly definition: SagaDefinition, readonly claim: Claim) {
    this.position = { status: claim.status, step: claim.step };
    this.state = claim.state;
    this.reason = claim.reason;
    this.attempts = claim.attempts;
    this.since = claim.since;
    this.pauseMs = claim.pauseMs;
    this.startedAt = wallClock.ticks() - claim.ageMs;
    this.giveUpAt = claim.msLeft === null ? Infinity : wallClock.ticks() + claim.msLeft;
  }

  /** Goes on until the saga has ended, must wait, or `isStopping` says so between two steps. Never throws. */
  async go(isStopping: () => boolean): Promise<RunEnd> {
    try {
      if (this.isHopeless()) await this.giveUp(this.claim.lastError ?? 'No attempt came to an end.');
      for (let isOver = false; !isOver;) {
        if (isStopping()) return { is: 'stopped' };
        isOver = await this.attempt();
      }
      return { is: 'ended' };
    } catch (error) {
      return this.tryLater(error);
    }
  }

  /**
   * A step is given up after an attempt of this life has failed, not because the process was away for longer than its
   * timeout. Unless attempts have failed before, or several ended with their process.
   */
  private isHopeless(): boolean {
    return this.isOverdue() && (this.claim.lastError !== null || this.attempts > ATTEMPTS_WITHOUT_WITNESS);
  }

  /** No deadline will end it: it is beyond the pivot, turning back, or could not even be given up. */
  private endsOnlyBySuccess(): boolean {
    return this.giveUpAt === Infinity || this.isOverdue();
  }

  private isOverdue(): boolean {
    return wallClock.ticks() >= this.giveUpAt;
  }

  /** Does the step at hand. Answers whether the saga has ended by it. */
  private async attempt(): Promise<boolean> {
    try {
      return await this.perform(taskAt(this.definition, this.position));
    } catch (error) {
      if (error instanceof ClaimLost || !mayTurnBack(this.definition, this.position)) throw error;
      const refusal = refusalIn(error);
      if (refusal) return this.turnBack('refused', refusal);
      if (!this.isOverdue()) throw error;
      return this.giveUp(describe(error));
    }
  }

  private async perform(task: Task): Promise<boolean> {
    const { transport } = this.shop;
    const outcome = this.position.status === 'running' ? 'done' : 'undone';
    const state = this.definition.state.parse(this.state);
    if (task.is === 'undo-local') return this.performLocally(task.handler, state, outcome);
    if (task.is === 'undo') {
      await this.callOut((key) => task.command.send(transport, state, key));
      return this.moveOn(outcome, this.state);
    }
    const { step } = task;
    if (step.is === 'local') return this.performLocally(step.handler, state, outcome);
    const sent = await this.callOut((key) => step.send(transport, state, key));
    return sent.refusal ? this.turnBack('refused', sent.refusal, sent.state) : this.moveOn(outcome, sent.state);
  }

  /** Nobody waits for an attempt longer than its budget. Its late reply is nobody's; the key finds it again. */
  private callOut<T>(send: (key: string) => Promise<T>): Promise<T> {
    const budget = this.budget();
    return this.asInput(budget, () => within(budget, send(this.key()), () => new MaybeExecuted(`No answer came within ${Math.round(budget)} ms.`)));
  }

  private async performLocally(handlerClass: AnyHandlerClass, state: unknown, outcome: Outcome): Promise<boolean> {
    const { localSteps, resolve } = this.shop;
    const { name, id } = this.claim;
    const { move, since } = await localSteps.perform({
      handlerClass,
      asInput: (work) => this.asInput(this.budget(), work),
      perform: async () => {
        const { witness } = this.shop.database;
        const saga = this.reason ? { name, id, reason: this.reason } : { name, id };
        const watched = witness?.isWatching ? witness.begin({ kind: 'step', name: `${name}/${this.stepName}`, given: { state, saga } }) : undefined;
        const changed = await resolve(handlerClass).run(state, saga);
        watched?.ended({ is: 'returned', value: changed });
        return this.moveTo(outcome, changed ?? this.state, this.reason);
      },
    });
    return this.standAt(move, since);
  }

  /** The reason is for people outside, who need not know what broke inside; the log knows. */
  private giveUp(lastError: string): Promise<boolean> {
    this.shop.log.warn({ ...this.where(), attempts: this.attempts, lastError }, 'A step of a saga is given up at its timeout.');
    return this.turnBack('timed-out', { code: 'step-timed-out', message: `"${this.position.step}" did not come to an end in time.` });
  }

  private turnBack(outcome: Outcome, refusal: Refusal, state: unknown = this.state): Promise<boolean> {
    const { step } = this.position;
    this.shop.log.info({ ...this.where(), code: refusal.code }, 'A saga turns back.');
    return this.moveOn(outcome, state, { step, code: refusal.code, message: refusal.message });
  }

  private async moveOn(outcome: Outcome, state: unknown, reason = this.reason): Promise<boolean> {
    const move = this.moveTo(outcome, state, reason);
    const since = await this.shop.checkpoints.write(move);
    if (since === undefined) throw new ClaimLost();
    return this.standAt(move, since);
  }

  /** The state is checked before it is stored: what does not fit must not become a saga that nobody can read. */
  private moveTo(outcome: Outcome, state: unknown, reason: SagaReason | null): Move {
    return {
      key: this.claim, from: this.position, outcome, attempts: this.attempts, since: this.since,
      to: after(this.definition, this.position, outcome, this.attempts), state: this.definition.state.parse(state), reason,
    };
  }

  private standAt({ from, outcome, to, state, reason }: Move, since: string): boolean {
    const { observer } = this.shop;
    observer.stepEnded(this.claim.name, from.step, outcome);
    if (to.step === null) {
      observer.sagaEnded(this.claim.name, to.status, (wallClock.ticks() - this.startedAt) / 1_000);
      return true;
    }
    this.position = { status: to.status, step: to.step };
    this.state = JSON.parse(JSON.stringify(state));
    this.reason = reason;
    this.attempts = 1;
    this.pauseMs = 0;
    this.since = since;
    this.giveUpAt = to.timeoutMs === null ? Infinity : wallClock.ticks() + to.timeoutMs;
    return false;
  }

  /** A run that cannot even write down that it failed leaves its claim; the executor gives it back when it can. */
  private async tryLater(error: unknown): Promise<RunEnd> {
    if (error instanceof ClaimLost) return { is: 'lost' };
    const { table, settings, log, observer } = this.shop;
    const lastError = describe(error);
    const needsOperator = this.endsOnlyBySuccess() && this.attempts >= settings.attemptsBeforeOperator;
    const fields = { ...this.where(), attempts: this.attempts, err: error };
    if (needsOperator) log.error(fields, 'A saga cannot get on. It goes on trying, but somebody should look.');
    else log.warn(fields, 'A step of a saga failed and will be tried again.');
    observer.attemptFailed(this.claim.name, this.position.step);
    try {
      const pauseMs = await table.tryLater(this.claim, this.position, { pauseMs: nextPause(this.pauseMs, settings), lastError, needsOperator });
      return pauseMs === undefined ? { is: 'lost' } : { is: 'later', pauseMs };
    } catch (whileWriting) {
      log.warn({ ...this.where(), err: whileWriting }, 'The failure of a saga\'s step could not be written down.');
      return { is: 'lost' };
    }
  }

  private where(): Record<string, string> {
    const { name, id, correlationId } = this.claim;
    return { context: this.shop.database.context, correlationId, saga: name, sagaId: id, ...this.position };
  }

  private static spanOf(this: void, { claim: { name, id }, stepName, attempts }: SagaRun): SpanFacts {
    return { kind: 'internal', name: `${name} ${stepName}`, attributes: { 'banyan.saga': name, 'banyan.saga.id': id, 'banyan.saga.step': stepName, 'banyan.saga.attempt': attempts } };
  }

  /** Milliseconds that this attempt may take. */
  private budget(): number {
    const left = this.giveUpAt - wallClock.ticks();
    return left > 0 ? Math.min(left, this.shop.settings.attemptMs) : this.shop.settings.attemptMs;
  }

  private key(): string {
    const { name, id } = this.claim;
    return `${name}:${id}:${this.stepName}`;
  }

  private get stepName(): string {
    return this.position.status === 'running' ? this.position.step : `undo-${this.position.step}`;
  }

  /** A repeated attempt has the same input id, so it makes the same ids; its clock shows its own time. */
  private asInput<T>(budgetMs: number, work: () => Promise<T>): Promise<T> {
    const { correlationId, traceparent, startedBy: { principal, tenant } } = this.claim;
    return runTraced({
      inputId: createHash('sha256').update(`saga\n${this.shop.database.context}\n${this.key()}`).digest('hex').slice(0, 32),
      context: this.shop.database.context, correlationId, traceparent, deadline: deadlineIn(budgetMs),
      ...(principal ? { principal } : {}), ...(tenant === undefined ? {} : { tenant }),
    }, SagaRun.spanOf, this, work);
  }
}
