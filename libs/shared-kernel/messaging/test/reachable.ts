import { type EventInbox, InProcessTransport } from '../index.js';

/** Gives the test what a broker's client would hold: the inboxes. */
export class Reachable extends InProcessTransport {
  private reachable: readonly EventInbox[] = [];

  override async start(inboxes: readonly EventInbox[]): Promise<void> {
    this.reachable = inboxes;
    await super.start(inboxes);
  }

  inbox(context: string): EventInbox {
    const inbox = this.reachable.find((it) => it.context === context);
    if (!inbox) throw new Error(`No inbox of ${context}.`);
    return inbox;
  }
}
