/** What a pg_snapshot shows, read from its text `xmin:xmax:xip,xip…`: nothing from `xmax` on, nor what is `running`. */
export class Snapshot {
  private constructor(private readonly xmin: bigint, readonly xmax: bigint, readonly running: ReadonlySet<bigint>) {}

  static of(text: string): Snapshot {
    const [xmin = '0', xmax = '0', running = ''] = text.split(':');
    return new Snapshot(BigInt(xmin), BigInt(xmax), new Set(running.split(',').filter((it) => it !== '').map(BigInt)));
  }

  /** Had this transaction ended when the snapshot was taken? To be asked of committed ones. */
  shows(xid: bigint): boolean {
    return xid < this.xmin || (xid < this.xmax && !this.running.has(xid));
  }
}
