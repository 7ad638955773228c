import type { Database } from '../persistence/index.js';
import { EventsUnderWay } from './errors.js';
import type { Position } from './outbox.js';
import type { EventTransport } from './transport.js';

/**
 * Keeps the order of a context's events when its transport changes. A broker has events that have left the outbox and
 * are in no inbox yet; delivered past them, a later event of the same key would overtake. So the lease's row names the
 * carrier that may have something under way, and whoever becomes leader fetches that before it delivers anything.
 *
 * Every change is fenced by the leader's epoch. A leader that dies, or loses the lease, leaves the name behind; the
 * next one finds it. What a stalled former leader still hands to a carrier is either in the inboxes by then or at the
 * head of the outbox, so it is a double and not late.
 */
export class Carriage {
  private agreedFor: Position | undefined;

  constructor(private readonly database: Database, private readonly transport: EventTransport) {}

  /**
   * Before anything is delivered under this epoch.
   * @returns false when another leader has taken over meanwhile
   * @throws EventsUnderWay when another carrier still has events and cannot be reached or is not known here
   */
  async takeOver(epoch: Position): Promise<boolean> {
    if (this.agreedFor === epoch) return true;
    const former = await this.former();
    const ours = this.transport.carrier ?? '';
    if (former !== '' && former !== ours) await this.transport.fetch(former);
    if (former !== ours && !(await this.name(ours, epoch))) return false;
    this.agreedFor = epoch;
    return true;
  }

  /** The leader is done for now: forgets the carrier if it can tell that nothing is under way with it any more. */
  async putDown(epoch: Position): Promise<void> {
    if (this.agreedFor !== epoch || this.transport.carrier === undefined || !this.transport.reachesEveryone) return;
    await this.transport.flush();
    await this.name('', epoch);
  }

  /** @throws EventsUnderWay when this process could never take over: better now than with events piling up */
  async check(): Promise<void> {
    const former = await this.former();
    if (former === '' || former === this.transport.carrier || this.transport.canFetch(former)) return;
    throw new EventsUnderWay(
      `Events of "${this.database.context}" may still be under way with "${former}": the app ran with it before and could not empty it when it stopped. `
      + `Start with EVENT_BUS=${former} again, or tell this process where to fetch them; see docs/guides/rabbitmq.md.`,
    );
  }

  private async former(): Promise<string> {
    const rows = await this.database.query<{ carrier: string }>('SELECT carrier FROM relay_lease');
    return rows[0]?.carrier ?? '';
  }

  private async name(carrier: string, epoch: Position): Promise<boolean> {
    const rows = await this.database.query<{ named: boolean }>(
      `WITH named AS (UPDATE relay_lease SET carrier = $1 WHERE epoch = $2 RETURNING epoch) SELECT EXISTS (SELECT FROM named) AS named`,
      [carrier, epoch],
    );
    return rows[0]?.named === true;
  }
}
