import { hash } from 'node:crypto';
import type { Contract, EventDraft } from '../contract/index.js';
import type { AnnouncedEvent, Database } from '../persistence/index.js';
import { Clock, Ids, requireInput } from '../runtime/index.js';
import { AnnouncedByStranger, AnnouncedOutsideTransaction } from './errors.js';
import { requireKey } from './key.js';
import type { Outbox } from './outbox.js';

/** What a context uses to announce facts. They leave with the commit, or not at all. */
export class Events {
  private readonly clock = new Clock();
  private readonly ids = new Ids();
  /** Per open transaction; a transaction that rolls back takes its list with it. */
  private readonly announced = new WeakMap<object, AnnouncedEvent[]>();

  /** @param committed called after each commit that stored events */
  constructor(
    private readonly database: Database,
    private readonly contract: Contract,
    private readonly outbox: Outbox,
    private readonly committed: () => void,
  ) {}

  /**
   * Announces an event of the context's own contract, as part of the open transaction. All events of a transaction
   * are stored by one statement, last before the commit: whoever serialises on the aggregate (a row lock, a version
   * check) before that has its events in commit order.
   * @throws AnnouncedOutsideTransaction when no transaction of this context is open
   * @throws AnnouncedByStranger when the event is not of this context's contract
   */
  announce({ definition, payload }: EventDraft): void {
    if (!this.database.inTransaction) {
      throw new AnnouncedOutsideTransaction(`${definition.type} was announced while no transaction of ${this.contract.name} is open, so no commit could carry it. Announce it inside database.transaction().`);
    }
    if (!Object.values(this.contract.events).some((it) => it.type === definition.type)) {
      throw new AnnouncedByStranger(`${definition.type} is not an event of the contract "${this.contract.name}". A context announces only what its own contract declares.`);
    }
    this.ofOpenTransaction().push(this.complete({ definition, payload }));
  }

  private ofOpenTransaction(): AnnouncedEvent[] {
    const transaction = this.database.transactionKey;
    const events = this.announced.get(transaction) ?? [];
    if (!this.announced.has(transaction)) {
      this.announced.set(transaction, events);
      this.database.afterCommit(this.committed);
    }
    // Asked for each time: another hook before the commit may announce after this one ran.
    this.database.beforeCommit('messaging.outbox', async () => this.outbox.append(events.splice(0)));
    return events;
  }

  private complete({ definition, payload }: EventDraft): AnnouncedEvent {
    const aggregateId = requireKey(definition.aggregateId(payload), definition.type);
    const { correlationId, inputId, traceparent } = requireInput();
    const body = JSON.stringify(payload);
    return {
      eventId: this.ids.next(`event:${definition.type}:${aggregateId}:${digest(body)}`),
      eventType: definition.type,
      eventVersion: definition.version,
      occurredAt: this.clock.now().toISOString(),
      aggregateType: definition.aggregateType,
      aggregateId,
      correlationId,
      causationId: inputId,
      traceparent,
      payload: body,
    };
  }
}

/**
 * The content is part of what pins an event's id. An input that is run again may announce fewer events than the
 * first time (its first transaction had committed, its second had not); counted by ordinal alone, the remaining
 * event would get the id of one that is already out, and every inbox would take it for a redelivery.
 */
function digest(body: string): string {
  return hash('sha256', body, 'base64url');
}
