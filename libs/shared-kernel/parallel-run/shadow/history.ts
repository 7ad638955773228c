import type { Snapshot } from './snapshot.js';

/** Transactions that are remembered; no snapshot lists older ones as running, unless something ran for very long. */
const REMEMBERED = 20_000;

/** Which transactions were played already. */
export class History {
  private readonly recent = new Set<bigint>();
  private latest = 0n;

  /** @param base what the copy showed when this process began, whoever had played it */
  constructor(private readonly base: Snapshot) {}

  add(xid: bigint): void {
    this.recent.add(xid);
    if (xid > this.latest) this.latest = xid;
    if (this.recent.size <= REMEMBERED) return;
    const [oldest] = this.recent;
    if (oldest !== undefined) this.recent.delete(oldest);
  }

  /** Was something played that this snapshot does not show? Then the state that it saw is gone. */
  isBeyond(snapshot: Snapshot): boolean {
    if (this.latest >= snapshot.xmax || this.base.xmax > snapshot.xmax) return true;
    return [...snapshot.running].some((it) => this.recent.has(it) || this.base.shows(it));
  }
}
