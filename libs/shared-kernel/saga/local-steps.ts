import { type Database, TurnsMixed } from '../persistence/index.js';
import type { Move, SagaTable } from './saga-table.js';
import type { AnyHandlerClass } from './step.js';

/** The local step that one saga stands at. */
export interface LocalStep {
  readonly handlerClass: AnyHandlerClass;
  /** Does it inside of the open transaction, and answers with its checkpoint. */
  readonly perform: () => Promise<Move>;
  readonly asInput: <T>(work: () => Promise<T>) => Promise<T>;
}

/** The step is done, and committed together with its checkpoint. */
export interface Performed {
  readonly move: Move;
  /** Since when the saga stands at its new step. */
  readonly since: string;
}

interface Pending {
  readonly step: LocalStep;
  readonly resolve: (performed: Performed | Promise<Performed>) => void;
}

/** The claim of a saga does not hold any more, so nothing of its step was committed. */
export class ClaimLost extends Error {}

/** Steps of one kind wait so long for the batch before them, in milliseconds; then they begin beside it. */
const PATIENCE_MS = 50;

/**
 * Runs the local steps of many sagas together: while one transaction is on its way, the next steps with the same handler
 * gather for another one, with all of their checkpoints in one statement. One saga alone waits for nobody, and a handler
 * that takes long keeps none but its own kind waiting, and those not for long.
 *
 * A transaction is committed only if every step in it went well and every claim still held. Else nothing of it has
 * happened, and each step is run once more in a transaction of its own, so that nobody fails for a neighbour; that run is
 * the one that counts. A commit whose outcome is unknown ends the same way: what had been committed has moved on, and its
 * step finds its claim lost.
 *
 * Within a transaction the steps take turns (`Database.inTurns`). A handler that cannot, because it waits for an answer
 * before its next statement, is remembered: from then on it runs by itself.
 */
export class LocalSteps {
  private readonly lines = new Map<AnyHandlerClass, Pending[]>();
  private readonly alone = new Set<AnyHandlerClass>();

  constructor(private readonly database: Database, private readonly table: SagaTable) {}

  /** @throws ClaimLost, and what the handler and the database say */
  perform(step: LocalStep): Promise<Performed> {
    if (this.alone.has(step.handlerClass)) return this.byItself(step);
    return new Promise((resolve) => {
      const line = this.lines.get(step.handlerClass);
      if (line) line.push({ step, resolve });
      else this.open(step.handlerClass, { step, resolve });
    });
  }

  /** Those that come in the same turn of the event loop, claimed together, begin together. */
  private open(handlerClass: AnyHandlerClass, first: Pending): void {
    this.lines.set(handlerClass, [first]);
    queueMicrotask(() => void this.work(handlerClass));
  }

  private async work(handlerClass: AnyHandlerClass): Promise<void> {
    for (let batch = this.lines.get(handlerClass) ?? []; batch.length > 0; batch = this.lines.get(handlerClass) ?? []) {
      this.lines.set(handlerClass, []);
      await notLongerThan(PATIENCE_MS, this.run(batch));
    }
    this.lines.delete(handlerClass);
  }

  private async run(batch: readonly Pending[]): Promise<void> {
    const together = batch.length > 1 ? await this.together(batch.map((it) => it.step)) : undefined;
    await Promise.allSettled(batch.map(({ step, resolve }, at) => {
      const performed = together?.[at] ?? this.byItself(step);
      resolve(performed);
      return performed;
    }));
  }

  /** @returns undefined when it did not work out; then nobody's step is done */
  private async together(steps: readonly LocalStep[]): Promise<readonly Performed[] | undefined> {
    try {
      return await this.database.transaction(() => this.inOneTransaction(steps));
    } catch (error) {
      if (isMixed(error)) for (const { handlerClass } of steps) this.alone.add(handlerClass);
      return undefined;
    }
  }

  private async inOneTransaction(steps: readonly LocalStep[]): Promise<readonly Performed[]> {
    const moves: Move[] = [];
    const outcomes = await this.database.inTurns(steps.map((step, at) => [async () => { moves[at] = await step.asInput(step.perform); }]));
    const failures = outcomes.filter((it) => it.failed).map((it) => it.error);
    if (failures.length > 0) throw failures.find(isMixed) ?? failures[0];
    const moved = new Map((await this.table.moveOn(moves)).map((it) => [`${it.name} ${it.id}`, it.since]));
    return moves.map((move) => performedIn(move, moved.get(`${move.key.name} ${move.key.id}`)));
  }

  private byItself({ asInput, perform }: LocalStep): Promise<Performed> {
    return asInput(() => this.database.transaction(async () => {
      const move = await perform();
      const [moved] = await this.table.moveOn([move]);
      return performedIn(move, moved?.since);
    }));
  }
}

/** @throws ClaimLost, which takes the transaction back */
function performedIn(move: Move, since: string | undefined): Performed {
  if (since === undefined) throw new ClaimLost();
  return { move, since };
}

function isMixed(error: unknown): boolean {
  return error instanceof TurnsMixed || (error instanceof Error && error.cause !== undefined && isMixed(error.cause));
}

async function notLongerThan(ms: number, work: Promise<unknown>): Promise<void> {
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, enough]);
  clearTimeout(timer);
}
