import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import { Discard } from './parking-discard.js';
import { ParkingReader } from './parking-reader.js';
import { Redrive } from './parking-redrive.js';
import type {
  Changed, DiscardOrder, DiscardOutcome, EventStory, ParkedEvent, ParkedFilter, ParkedPlace, RedriveOrder, RedriveOutcome,
} from './parking-words.js';

const log = logger('messaging');

/** The parked events of one context. What is freed runs by itself: at once in this process, at the next poll elsewhere. */
export class Parking {
  private readonly reader: ParkingReader;
  private readonly redriving: Redrive;
  private readonly discarding: Discard;

  constructor(readonly context: string, database: Database, private readonly freed: (lane: number) => void) {
    this.reader = new ParkingReader(database);
    this.redriving = new Redrive(database);
    this.discarding = new Discard(database);
  }

  /** What is parked, longest first; what waits behind is counted at each. */
  async list(filter: ParkedFilter = {}, limit = 100, after?: ParkedPlace): Promise<ParkedEvent[]> {
    return this.reader.list(filter, limit, after);
  }

  /** An event, whatever its state, and what happened to it so far; undefined when the inbox does not have it (any more). */
  async find(eventId: string): Promise<EventStory | undefined> {
    return this.reader.find(eventId);
  }

  async previewRedrive(filter: ParkedFilter, perSecond: number): Promise<RedriveOutcome> {
    return this.redriving.preview(filter, perSecond);
  }

  /**
   * Frees every parked event of the keys that the filter meets, with a clean slate; they and what waits behind them
   * run in order. A message that still cannot be read stays parked, and so does what comes after it.
   */
  async redrive(order: RedriveOrder): Promise<Changed<RedriveOutcome>> {
    const changed = await this.redriving.run(order, (lanes) => this.wake(lanes));
    this.tell('Parked events were redriven.', order.principalId, order.reason, changed);
    return changed;
  }

  async previewDiscard(ids: readonly string[]): Promise<DiscardOutcome> {
    return this.discarding.preview(ids);
  }

  /** Takes parked events out for good, also if they are delivered again. What waited behind them runs. */
  async discard(order: DiscardOrder): Promise<Changed<DiscardOutcome>> {
    const changed = await this.discarding.run(order, (lanes) => this.wake(lanes));
    this.tell('Parked events were discarded.', order.principalId, order.reason, changed);
    return changed;
  }

  private wake(lanes: readonly number[]): void {
    for (const lane of lanes) this.freed(lane);
  }

  private tell(what: string, principalId: string, reason: string, changed: Changed<RedriveOutcome | DiscardOutcome>): void {
    if (changed.is !== 'done' || changed.isReplay || changed.outcome.events === 0) return;
    log.warn({ context: this.context, principalId, reason, ...changed.outcome }, what);
  }
}
