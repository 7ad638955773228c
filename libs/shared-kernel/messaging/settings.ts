/** How the bus paces itself. Times are in milliseconds. */
export interface MessagingSettings {
  /** Most events the relay carries at once. */
  readonly relayBatch: number;
  /** How long a relay that died keeps the others waiting. */
  readonly leaseMs: number;
  /** How often relay and lanes look by themselves when nobody woke them. */
  readonly pollMs: number;
  /** Most transactions of one context that handle events at the same time in this process; must be below the size of its pool. */
  readonly workers: number;
  /** Most events handled on arrival in one transaction. */
  readonly arrivalBatch: number;
  /** Most events that went through the inbox handled in one transaction. */
  readonly laneBatch: number;
  /** A transaction takes on no further event after so long; what arrives is not waited for much longer. */
  readonly turnMs: number;
  /** Tries before an event is parked. */
  readonly attempts: number;
  /** Bounds of the growing delay between tries. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** Longest pause between two probes while something that handlers need is away. */
  readonly longestPauseMs: number;
  /** The deadline that a handler sees. */
  readonly handlerMs: number;
  /**
   * How long a handled event is remembered. Must be longer than any redelivery can take: a stalled relay, a broker's
   * backlog, a restored backup. Default 7 days.
   */
  readonly retentionMs: number;
  readonly purgeEveryMs: number;
  /** How long a slot of the outbox is written to; about three times as long delivered events keep their space. */
  readonly slotMs: number;
  /** How long somebody else's transaction may keep the database from cleaning up before the log names it. */
  readonly heldBackMs: number;
  /** How long a rebuild waits for those who use the tables that it empties. */
  readonly rebuildLockMs: number;
}

export const defaultSettings: MessagingSettings = {
  relayBatch: 1_000,
  leaseMs: 5_000,
  pollMs: 1_000,
  workers: 4,
  arrivalBatch: 250,
  laneBatch: 32,
  turnMs: 250,
  attempts: 8,
  firstDelayMs: 200,
  longestDelayMs: 60_000,
  longestPauseMs: 10_000,
  handlerMs: 30_000,
  retentionMs: 7 * 24 * 3_600_000,
  purgeEveryMs: 3_600_000,
  slotMs: 10_000,
  heldBackMs: 60_000,
  rebuildLockMs: 3_000,
};
