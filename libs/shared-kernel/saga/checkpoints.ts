import type { Move, SagaTable } from './saga-table.js';

interface Pending {
  readonly move: Move;
  readonly resolve: (since: string | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes the checkpoints of many sagas together: while one statement is on its way, the next ones gather. One saga alone waits
 * for nobody. When a batch fails, its members are written one by one, so that nobody fails for a neighbour.
 */
export class Checkpoints {
  private pending: Pending[] = [];
  private isWriting = false;

  constructor(private readonly table: SagaTable) {}

  /**
   * Writes a checkpoint that needs no other transaction.
   * @returns the instant since when the saga stands at its new step; undefined when the claim does not hold any more
   */
  write(move: Move): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      this.pending.push({ move, resolve, reject });
      if (!this.isWriting) void this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true;
    while (this.pending.length > 0) {
      const batch = this.pending;
      this.pending = [];
      await this.writeBatch(batch);
    }
    this.isWriting = false;
  }

  private async writeBatch(batch: readonly Pending[]): Promise<void> {
    try {
      const moved = await this.table.moveOn(batch.map((it) => it.move));
      const since = new Map(moved.map((it) => [`${it.name} ${it.id}`, it.since]));
      for (const { move, resolve } of batch) resolve(since.get(`${move.key.name} ${move.key.id}`));
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const one of batch) await this.writeBatch([one]);
    }
  }
}
