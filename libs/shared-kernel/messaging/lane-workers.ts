import { logger } from '../observability/index.js';
import { unreachable } from '../words/index.js';
import { Bell } from './bell.js';
import type { Duty } from './duty.js';
import { LANES } from './key.js';
import type { LaneLocks } from './lane-locks.js';
import { LaneQueue } from './lane-queue.js';
import type { LaneRun, Turn } from './lane-run.js';
import type { LaneSettlement } from './lane-settlement.js';
import type { LaneStore } from './lane-store.js';
import type { OutageGate } from './outage-gate.js';
import { describe, verdictOn } from './retry.js';
import type { MessagingSettings } from './settings.js';

const log = logger('messaging');

/** How soon to come back to a lane that another process is running, in milliseconds. */
const TAKEN_MS = 100;
/** How long a worker waits for what arrives to leave its lane, in milliseconds; then it looks again. */
const PATIENCE_MS = 60_000;

type Failed = Extract<Turn, { is: 'failed' }>;

/**
 * Runs the lanes of one context in this process: a few workers, each on one lane at a time. Which process runs a
 * lane is decided turn by turn by the lane's lock, so several processes share the lanes without knowing each other.
 * Nothing is kept here that matters: what a dead process was doing is rolled back, and the poll of any other finds it.
 */
export class LaneWorkers {
  private readonly queue = new LaneQueue();
  private readonly bell = new Bell();
  /** How many events the next turns of a lane take, while it looks for the one that fails. */
  private readonly plans = new Map<number, number[]>();
  private loops: Promise<void>[] = [];

  constructor(
    private readonly context: string,
    private readonly store: LaneStore,
    private readonly run: LaneRun,
    private readonly settlement: LaneSettlement,
    private readonly gate: OutageGate,
    private readonly locks: LaneLocks,
    private readonly duty: Duty,
    private readonly settings: Pick<MessagingSettings, 'workers' | 'laneBatch' | 'pollMs'>,
  ) {}

  start(): void {
    this.loops = [this.poll(), ...Array.from({ length: this.settings.workers }, () => this.work())];
  }

  get areQuiet(): boolean {
    return this.queue.isQuiet;
  }

  /** Other lanes fall to this process now: look at once what they hold. */
  dutyChanged(): void {
    this.bell.ring();
  }

  wake(lanes: Iterable<number>): void {
    this.queue.mark(lanes);
  }

  /** Ends after the turns under way. */
  async stop(): Promise<void> {
    this.bell.close();
    this.queue.close();
    this.gate.close();
    await Promise.all(this.loops);
  }

  /** The net under all wake-ups: other processes' deliveries, tries that came due, what a dead process left. */
  private async poll(): Promise<void> {
    while (!this.bell.closed) {
      try {
        this.queue.mark(await this.store.lanesWithWork(LANES));
        this.gate.databaseAnswers();
      } catch (error) {
        log.debug({ context: this.context, err: error }, 'The inbox could not be looked at.');
      }
      await this.bell.wait(this.settings.pollMs);
    }
  }

  private async work(): Promise<void> {
    for (let lane = await this.queue.take(); lane !== undefined; lane = await this.queue.take()) {
      const leave = await this.gate.enter();
      try {
        if (!this.bell.closed) await this.turn(lane);
      } catch (error) {
        this.databaseFails(error);
        this.queue.mark([lane]);
      } finally {
        this.queue.giveBack(lane);
        leave();
      }
    }
  }

  /** A lane that another process handles is left alone; its poll finds what is there. */
  private async turn(lane: number): Promise<void> {
    if (!this.duty.handles(lane)) return;
    const giveBack = await this.locks.acquire([lane], PATIENCE_MS);
    if (!giveBack) return this.queue.mark([lane]);
    try {
      await this.turnAlone(lane);
    } finally {
      giveBack();
    }
  }

  private async turnAlone(lane: number): Promise<void> {
    await this.settlement.forgiveOwed(lane);
    const turn = await this.run.turn(lane, this.nextLimit(lane));
    switch (turn.is) {
      case 'taken': return this.queue.markLater(lane, TAKEN_MS);
      case 'handled': return this.handled(lane, turn);
      case 'exhausted':
        this.settlement.logParked(turn.event, turn.event.attempts, turn.event.lastError ?? 'died each time');
        return this.queue.mark([lane]);
      case 'away':
        this.settlement.owe(lane, turn.counted);
        throw turn.error;
      case 'failed': return this.failed(lane, turn);
      default: return unreachable(turn);
    }
  }

  private handled(lane: number, turn: Extract<Turn, { is: 'handled' }>): void {
    if (turn.count > 0) this.gate.reached();
    if (turn.more || this.plans.has(lane)) this.queue.mark([lane]);
    if (turn.count === 0) this.plans.delete(lane);
  }

  /**
   * A failed turn of several events says who failed but not what is to become of it: those before it are handled
   * again without it, then it runs alone, and only that try counts.
   */
  private async failed(lane: number, { events, culprit, error }: Failed): Promise<void> {
    this.queue.mark([lane]);
    const outage = verdictOn(error) === 'outage';
    if (outage) this.gate.missed(describe(error), false);
    const [only] = events;
    if (events.length > 1 || !only) {
      this.plans.set(lane, culprit === undefined ? events.map(() => 1) : culprit === 0 ? [1] : [culprit, 1]);
      this.settlement.owe(lane, events);
      return;
    }
    const againInMs = await this.settlement.settle(lane, only, error);
    if (againInMs !== undefined) this.queue.markLater(lane, againInMs);
  }

  private nextLimit(lane: number): number {
    const plan = this.plans.get(lane);
    const next = plan?.shift();
    if (plan?.length === 0) this.plans.delete(lane);
    return this.gate.troubled ? 1 : next ?? this.settings.laneBatch;
  }

  private databaseFails(error: unknown): void {
    this.gate.missed(describe(error), true);
    log.warn({ context: this.context, err: error }, 'The inbox cannot be worked on. Nothing is lost and no try is counted; it is probed until it answers.');
  }
}
