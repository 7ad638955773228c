/** Gives out transaction ids, and tells which of them are running: what PostgreSQL calls a snapshot. */
export class TransactionIds {
  private next = 10;
  /** The highest one whose transaction is over. */
  private latestOver = 9;
  private readonly running = new Set<number>();

  assign(): number {
    const id = this.next;
    this.next += 1;
    this.running.add(id);
    return id;
  }

  end(id: number): void {
    this.running.delete(id);
    this.latestOver = Math.max(this.latestOver, id);
  }

  /** As a pg_snapshot's text. @param own the asking transaction's, which is not running in its own eyes */
  snapshot(own: number | undefined): string {
    const top = this.latestOver + 1;
    const listed = [...this.running].filter((id) => id < top && id !== own).sort((a, b) => a - b);
    const lowest = Math.min(top, own ?? top, ...listed);
    return `${lowest}:${top}:${listed.join(',')}`;
  }
}

/** Reads a pg_snapshot's text. */
export function readSnapshot(text: string): { readonly top: number; readonly listed: readonly number[] } {
  const [, top = '', listed = ''] = text.split(':');
  return { top: Number(top), listed: listed === '' ? [] : listed.split(',').map(Number) };
}
