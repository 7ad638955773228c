import { lookup } from 'node:dns/promises';
import type { Instance } from './instances.js';
import { Polling } from './polling.js';

/** How often names are looked up again, in milliseconds; shorter than the 30 s that the records of orchestrators live. */
const POLL_MS = 5_000;

/** Where an app answers, as somebody has written it down. */
export interface NamedUpstream {
  readonly app: string;
  /** Its host may be a name with several addresses: each is a process. */
  readonly url: string;
}

type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/**
 * The processes of apps that were written down rather than left to say so themselves: for places where a name stands for
 * all processes of an app. Whether they live is found out by asking them.
 */
export class NamedInstances {
  private known: readonly Instance[] = [];
  private readonly polling = new Polling('The names of upstreams', POLL_MS, () => this.read());

  constructor(private readonly upstreams: readonly NamedUpstream[], private readonly lookUp: Lookup = (host) => lookup(host, { all: true })) {}

  /** A name that cannot be found now may be found later: that keeps nobody from starting. */
  async start(): Promise<void> {
    if (this.upstreams.length === 0) return;
    await this.polling.look();
    this.polling.start();
  }

  async stop(): Promise<void> {
    await this.polling.stop();
  }

  /** Is the app written down? Then what its processes say of themselves does not count. */
  names(app: string): boolean {
    return this.upstreams.some((it) => it.app === app);
  }

  of(app: string): readonly Instance[] {
    return this.known.filter((it) => it.app === app);
  }

  /** Looks now rather than at the next poll. */
  look(): Promise<void> {
    return this.polling.look();
  }

  private async read(): Promise<void> {
    const found = await Promise.allSettled(this.upstreams.map((it) => this.instancesOf(it)));
    const before = this.known;
    this.known = found.flatMap((it, at) => (it.status === 'fulfilled' ? it.value : before.filter(({ url }) => url === this.upstreams[at]?.url)));
    const failed = found.find((it) => it.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async instancesOf({ app, url }: NamedUpstream): Promise<Instance[]> {
    const { hostname } = new URL(url);
    const addresses = await this.lookUp(hostname.replace(/^\[|\]$/g, ''));
    const unique = [...new Set(addresses.map(({ address }) => address))].toSorted();
    return unique.map((address) => ({ id: `${url} ${address}`, app, url, serves: true, address }));
  }
}
