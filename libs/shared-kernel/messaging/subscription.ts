import { type EventDefinition, type EventEnvelope, InvalidInput, readPayload } from '../contract/index.js';
import { Unreadable } from './retry.js';

/** One handler's wish to hear an event. A context may have several for the same event: they run in the order given. */
export interface EventSubscription {
  readonly definition: EventDefinition;
  /** Runs inside a transaction of the subscribing context; the payload is parsed and of the current version. */
  run(payload: unknown, envelope: EventEnvelope): Promise<void>;
}

/** All that one context listens to. */
export class Subscriptions {
  private readonly byType = new Map<string, EventSubscription[]>();

  /** Grows while handlers are added. */
  readonly eventTypes = new Set<string>();

  add(subscription: EventSubscription): void {
    const { type } = subscription.definition;
    this.eventTypes.add(type);
    this.byType.set(type, [...(this.byType.get(type) ?? []), subscription]);
  }

  /**
   * Runs every handler of the event, each with a payload of its own.
   * @throws Unreadable when nobody here handles the event or its payload does not fit the contract
   */
  async handle(envelope: EventEnvelope): Promise<void> {
    const subscriptions = this.byType.get(envelope.eventType);
    if (!subscriptions) throw new Unreadable(`Nobody here handles ${envelope.eventType}. Deploy the version that does, then redrive.`);
    for (const subscription of subscriptions) await subscription.run(read(subscription.definition, envelope), envelope);
  }
}

function read(definition: EventDefinition, envelope: EventEnvelope): unknown {
  try {
    return readPayload(definition, envelope.eventVersion, envelope.payload);
  } catch (error) {
    const fields = error instanceof InvalidInput ? error.fields.map((it) => `${it.path} ${it.message}`).join('; ') : '';
    throw new Unreadable([error instanceof Error ? error.message : String(error), fields].filter(Boolean).join(' '), { cause: error });
  }
}
