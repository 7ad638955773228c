import { AsyncLocalStorage } from 'node:async_hooks';
import { logger } from '../observability/index.js';
import type { Database } from '../persistence/index.js';
import type { Transport } from '../rpc/index.js';
import { wallClock } from '../runtime/index.js';
import { Alarm } from './alarm.js';
import { Checkpoints } from './checkpoints.js';
import type { SagaDefinition } from './define-saga.js';
import { LocalSteps } from './local-steps.js';
import { type SagaObserver, unobserved } from './observer.js';
import { SagaRun, type Workshop } from './saga-run.js';
import { type Claim, type ClaimKey, SagaTable } from './saga-table.js';
import type { Sagas } from './sagas.js';
import { type SagaSettings, defaultSagaSettings } from './settings.js';
import type { AnyHandler } from './step.js';

/** What an executor needs of its context. */
export interface SagaExecutorParts {
  readonly database: Database;
  readonly sagas: Sagas;
  readonly definitions: readonly SagaDefinition[];
  readonly transport: Transport;
  /** Finds the instance of a local step's class in the owning context. */
  readonly resolve: (handlerClass: new (...dependencies: never[]) => AnyHandler) => AnyHandler;
  readonly settings?: Partial<SagaSettings>;
  readonly observer?: SagaObserver;
  /** Where several kinds of processes run the context: are its sagas taken up in this one at the moment? Yes when left out. */
  readonly isOnDuty?: () => boolean;
}

/** Sagas are woken from within requests; their work must not inherit a request's identity, deadline or transaction. */
const outsideOfAnyInput = AsyncLocalStorage.snapshot();

const log = logger('saga');
const STRANGERS_EVERY_MS = 60_000;
/** A timer that fires a moment before the database's clock shows the due time would miss it by a whole poll. */
const TIMER_SLACK_MS = 5;

/**
 * Runs the sagas of one context: claims those that are due and takes each of them as far as it goes.
 *
 * Many instances may do so on one database. A claim is a lease on the database's clock with an epoch that fences every
 * checkpoint; living executors renew theirs, and what a dead one held is due again when the lease is over.
 */
export class SagaExecutor {
  private readonly shop: Workshop;
  private readonly definitions: ReadonlyMap<string, SagaDefinition>;
  private readonly runs = new Map<SagaRun, Promise<void>>();
  private readonly alarm = new Alarm();
  private readonly isOnDuty: () => boolean;
  private readonly knownStrangers = new Set<string>();
  /** Claims that could not be written to; given back at the next poll that the database answers. */
  private dropped: ClaimKey[] = [];
  private mayBeMoreDue = false;
  private strangersAskedAt = -Infinity;
  private isStopping = false;
  private isLooking = false;
  private isAway = false;
  private work: Promise<void> | undefined;
  private heartbeat: NodeJS.Timeout | undefined;

  /** @throws Error when two definitions have the same name and version */
  constructor({ database, sagas, definitions, transport, resolve, settings, observer = unobserved, isOnDuty = () => true }: SagaExecutorParts) {
    this.isOnDuty = isOnDuty;
    const table = new SagaTable(database);
    this.shop = {
      database, table, transport, resolve, log, observer,
      checkpoints: new Checkpoints(table), localSteps: new LocalSteps(database, table), settings: { ...defaultSagaSettings, ...settings },
    };
    this.definitions = new Map(definitions.map((it) => [keyOf(it), it]));
    if (this.definitions.size < definitions.length) throw new Error(`${database.context} declares two sagas with the same name and version. Raise the version of the newer one.`);
    sagas.onDue(() => this.alarm.ring());
  }

  /** What `isOnDuty` answers has changed. Sagas under way here are still taken as far as they go. */
  dutyChanged(): void {
    this.alarm.ring();
  }

  /** Begins to work. Without any definition there is nothing to do, and nothing is asked of the database. */
  start(): void {
    if (this.work || this.definitions.size === 0) return;
    this.isStopping = false;
    outsideOfAnyInput(() => {
      this.work = this.loop();
      this.heartbeat = setInterval(() => void this.renew(), this.shop.settings.leaseMs / 3);
    });
  }

  /** Takes no more sagas, lets the steps under way come to their end, and gives the claims back. */
  async stop(): Promise<void> {
    this.isStopping = true;
    this.alarm.ring();
    await this.work;
    await Promise.all(this.runs.values());
    clearInterval(this.heartbeat);
    this.work = undefined;
    await this.releaseDropped().catch((error: unknown) => log.warn({ ...this.where(), err: error }, 'Claims were left to their lease.'));
  }

  /** Resolves when no saga is under way here and none is due. Sagas that wait for their next attempt do not count. */
  async idle(): Promise<void> {
    while (this.work && !this.isStopping) {
      await Promise.all(this.runs.values());
      const isResting = this.runs.size === 0 && this.dropped.length === 0 && !this.isLooking;
      if (isResting && !(await this.shop.table.isAnyDue([...this.definitions.values()])) && this.runs.size === 0 && !this.isLooking) return;
      this.alarm.ring();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  private async loop(): Promise<void> {
    while (!this.isStopping) {
      await this.look();
      await this.alarm.sleep(this.shop.settings.pollMs);
    }
  }

  private async look(): Promise<void> {
    this.isLooking = true;
    try {
      await this.releaseDropped();
      if (this.isOnDuty()) await this.claimDue();
      await this.lookForStrangers();
      if (this.isAway) log.info(this.where(), 'The database answers again; sagas go on.');
      this.isAway = false;
    } catch (error) {
      if (!this.isAway) log.warn({ ...this.where(), err: error }, 'Sagas cannot be claimed at the moment.');
      this.isAway = true;
    }
    this.isLooking = false;
  }

  private async claimDue(): Promise<void> {
    const { table, settings } = this.shop;
    const free = settings.concurrency - this.runs.size;
    this.mayBeMoreDue = true;
    if (free <= 0) return;
    const claims = await table.claim([...this.definitions.values()], free, settings.leaseMs, settings.instance);
    this.mayBeMoreDue = claims.length === free;
    for (const claim of claims) this.run(claim);
  }

  private run(claim: Claim): void {
    const definition = this.definitions.get(keyOf(claim));
    if (!definition) return;
    const run = new SagaRun(this.shop, definition, claim);
    this.runs.set(run, this.see(run));
  }

  private async see(run: SagaRun): Promise<void> {
    const end = await run.go(() => this.isStopping);
    this.runs.delete(run);
    if (end.is === 'later') setTimeout(() => this.alarm.ring(), end.pauseMs + TIMER_SLACK_MS).unref();
    if (end.is === 'lost' || end.is === 'stopped') this.dropped.push(run.claim);
    if (this.mayBeMoreDue) this.alarm.ring();
  }

  private async releaseDropped(): Promise<void> {
    if (this.dropped.length === 0) return;
    const claims = this.dropped;
    await this.shop.table.release(claims);
    this.dropped = this.dropped.filter((it) => !claims.includes(it));
  }

  private async renew(): Promise<void> {
    if (this.runs.size === 0) return;
    try {
      await this.shop.table.renew([...this.runs.keys()].map((run) => run.claim), this.shop.settings.leaseMs);
    } catch (error) {
      log.debug({ ...this.where(), err: error }, 'Leases were not renewed.');
    }
  }

  private where(): { readonly context: string } {
    return { context: this.shop.database.context };
  }

  /** Sagas of a definition that this build does not have are left to one that has it, and named once. */
  private async lookForStrangers(): Promise<void> {
    if (wallClock.ticks() - this.strangersAskedAt < STRANGERS_EVERY_MS) return;
    this.strangersAskedAt = wallClock.ticks();
    for (const stranger of await this.shop.table.strangers([...this.definitions.values()])) {
      if (this.knownStrangers.has(keyOf(stranger))) continue;
      this.knownStrangers.add(keyOf(stranger));
      log.warn({ ...this.where(), saga: stranger.name, version: stranger.version, count: stranger.count }, 'Unfinished sagas are of a definition that this build does not have. They rest until one runs that has it.');
    }
  }
}

function keyOf({ name, version }: { readonly name: string; readonly version: number }): string {
  return `${name} v${version}`;
}
