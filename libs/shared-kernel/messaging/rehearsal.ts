import type { Contract, EventEnvelope } from '../contract/index.js';
import type { Database } from '../persistence/index.js';
import type { ContextMessaging } from './bus.js';
import { Events } from './events.js';
import { readFigures } from './figures.js';
import { Outbox } from './outbox.js';
import { Parking } from './parking.js';
import { defaultSettings } from './settings.js';
import { Subscriptions } from './subscription.js';

/** The bus of a context that does again what it did before: nothing is carried to or from it. */
export interface Rehearsal {
  readonly messaging: ContextMessaging;
  /** Runs the handlers of an event, as part of the open transaction. @throws what they throw */
  handle(envelope: EventEnvelope): Promise<void>;
}

/** Events are announced into the context's own outbox, and nobody takes them out of it. */
export function rehearsal(database: Database, contract: Contract): Rehearsal {
  const subscriptions = new Subscriptions();
  return {
    messaging: {
      events: new Events(database, contract, new Outbox(database, defaultSettings.slotMs), () => undefined),
      parking: new Parking(contract.name, database, () => undefined),
      subscribe: (added) => { for (const it of added) subscriptions.add(it); },
      figures: async () => {
        const { announcedUpTo: _announced, receivedUpTo: _received, ...figures } = await readFigures(database);
        return { context: contract.name, paused: undefined, isLeader: false, ...figures };
      },
    },
    handle: (envelope) => subscriptions.handle(envelope),
  };
}
