import type { Database } from '../persistence/index.js';
import { requireInput } from '../runtime/index.js';
import type { SagaDefinition } from './define-saga.js';
import { beginning } from './progress.js';
import { SagaTable } from './saga-table.js';
import { type SagaFigures, type SagaStory, figuresOf, storyOf } from './story.js';

/** The sagas of one context. Injected by class; Nest gives each context its own. */
export class Sagas {
  private readonly table: SagaTable;
  private readonly listeners: (() => void)[] = [];

  constructor(private readonly database: Database) {
    this.table = new SagaTable(database);
  }

  /**
   * Starts a saga with the commit of the open transaction. A second start with the same name and id does nothing, whatever its
   * state: the id says what the saga is about, and it is only once about that.
   * @returns whether this call started it
   * @throws Error outside of a transaction: the saga would start although what it is about may never be stored
   */
  async start<S>(definition: SagaDefinition<S>, id: string, state: S): Promise<boolean> {
    if (!this.database.inTransaction) {
      throw new Error(`The saga ${definition.name} ${id} was started outside of a transaction. Start it in the transaction that stores what it is about.`);
    }
    const { correlationId, traceparent, principal, tenant } = requireInput();
    const started = await this.table.insert({
      name: definition.name, id, version: definition.version, state: definition.state.parse(state), beginning: beginning(definition),
      correlationId, traceparent, startedBy: { principal, tenant },
    });
    if (started) this.database.afterCommit(() => this.wake());
    return started;
  }

  /** Where a saga stands and how it came there, or undefined when there is none. */
  story(name: string, id: string): Promise<SagaStory | undefined> {
    return storyOf(this.database, name, id);
  }

  /** By name: how many sagas are unfinished, in trouble, and since when the oldest is under way. */
  figures(): Promise<SagaFigures[]> {
    return figuresOf(this.database);
  }

  /**
   * Ends the pause of a saga that waits for its next attempt, for an operator who has removed the cause.
   * @returns false when it is not waiting
   */
  async retryNow(name: string, id: string): Promise<boolean> {
    const wasWaiting = await this.table.endPause(name, id);
    this.wake();
    return wasWaiting;
  }

  /** Tells the listener whenever a saga may have become due in this process. */
  onDue(listener: () => void): void {
    this.listeners.push(listener);
  }

  private wake(): void {
    for (const listener of this.listeners) listener();
  }
}
