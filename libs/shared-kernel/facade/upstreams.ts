import { type LookupFunction, isIPv6 } from 'node:net';
import { Pool } from 'undici';
import { wallClock } from '../runtime/index.js';
import type { Instance } from './instances.js';

/** Connections per instance at most; a request that finds none free waits. */
const CONNECTIONS = 128;
/** Failures in a row after which an instance is left alone, and for how long: longer each time. Milliseconds. */
const [FAILURES, FIRST_REST_MS, LONGEST_REST_MS] = [3, 1_000, 30_000];

/** One instance as a target of requests. */
export class Upstream {
  readonly pool: Pool;
  underWay = 0;
  private failures = 0;
  private restMs = 0;
  private restsUntil = 0;

  constructor({ url, address }: Instance) {
    // The name stays: certificates are made out to it.
    const connect = address === undefined ? {} : { connect: { lookup: always(address) } };
    this.pool = new Pool(url, { ...connect, connections: CONNECTIONS, pipelining: 1, bodyTimeout: 0, headersTimeout: 0 });
  }

  get rests(): boolean {
    return wallClock.ticks() < this.restsUntil;
  }

  /** It answered, whatever it answered. */
  answered(): void {
    this.failures = 0;
    this.restMs = 0;
  }

  /** It could not be reached, broke off or did not answer in time. @param atOnce is one failure enough? */
  failed(atOnce = false): void {
    this.failures += 1;
    if (this.failures < FAILURES && !atOnce) return;
    this.restMs = Math.min(LONGEST_REST_MS, Math.max(FIRST_REST_MS, 2 * this.restMs));
    this.restsUntil = wallClock.ticks() + this.restMs;
    this.failures = 0;
  }
}

/** The instances that requests can go to, each with its connections; those that leave the list finish what they have. */
export class Upstreams {
  private readonly all = new Map<string, Upstream>();

  /**
   * The one with the least under way among those that do not rest; when all rest, among all: a probe is better than nothing.
   * @param tried those that have failed this request already
   * @returns undefined when there is none
   */
  choose(instances: readonly Instance[], tried: ReadonlySet<Upstream>): Upstream | undefined {
    let fit: Upstream | undefined;
    let resting: Upstream | undefined;
    for (const instance of instances) {
      const it = this.at(instance);
      if (tried.has(it)) continue;
      if (it.rests) resting = lessBusy(resting, it);
      else fit = lessBusy(fit, it);
    }
    return fit ?? resting;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.all.values()].map(({ pool }) => pool.close()));
  }

  private at(instance: Instance): Upstream {
    const place = `${instance.url} ${instance.address ?? ''}`;
    const known = this.all.get(place);
    if (known) return known;
    const upstream = new Upstream(instance);
    this.all.set(place, upstream);
    return upstream;
  }
}

/** The earlier one when they are equally busy. */
function lessBusy(one: Upstream | undefined, other: Upstream): Upstream {
  return one && one.underWay <= other.underWay ? one : other;
}

/** Looks up nothing: the process was chosen before. */
function always(address: string): LookupFunction {
  const family = isIPv6(address) ? 6 : 4;
  return (_host, { all }, callback) => { if (all) callback(null, [{ address, family }]); else callback(null, address, family); };
}
