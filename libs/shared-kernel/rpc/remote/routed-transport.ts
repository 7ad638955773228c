import { BanyanError } from '../../contract/index.js';
import type { Call, Transport } from '../transport.js';
import type { RemoteCalls } from './remote-calls.js';

/** Where one call goes. */
export interface CallRoute {
  /** The app that handles it; undefined when this process does. */
  readonly app: string | undefined;
  /** Told how it ended, where somebody compares. */
  readonly ended?: (failed: boolean) => void;
}

/** Decides where calls go; asked for each. */
export interface CallPlacement {
  /** @throws NoInstance when nobody can handle it at the moment */
  routeOf(context: string, operation: string): CallRoute;
}

/** Sends calls to the context, wherever it is handled. Whoever calls cannot tell. */
export class RoutedTransport implements Transport {
  constructor(private readonly here: Transport, private readonly remote: RemoteCalls, private readonly placement: CallPlacement) {}

  async send(call: Call): Promise<unknown> {
    const { app, ended } = this.placement.routeOf(call.operation.slice(0, call.operation.indexOf('.')), call.operation);
    const sending = app === undefined ? this.here.send(call) : this.remote.send(app, call);
    return ended ? watched(sending, ended) : sending;
  }
}

async function watched(sending: Promise<unknown>, ended: (failed: boolean) => void): Promise<unknown> {
  try {
    const reply = await sending;
    ended(false);
    return reply;
  } catch (error) {
    // A refusal is an answer like any other.
    ended(!(error instanceof BanyanError) || error.definition.http >= 500);
    throw error;
  }
}
