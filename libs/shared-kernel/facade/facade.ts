import { logger } from '../observability/index.js';
import { type Duty, LANES } from '../messaging/index.js';
import { type Database, openDatabase, provisionContext } from '../persistence/index.js';
import { type CallRoute, RemoteCalls, RoutedTransport, type Transport } from '../rpc/index.js';
import { wallClock } from '../runtime/index.js';
import { MONOLITH } from './apps.js';
import { CanaryJudge, type Observation, REQUIRED_PAIRS } from './canary/judge.js';
import { NoInstance } from './errors.js';
import { FaultBook, Faults } from './faults/index.js';
import { Presence } from './instances.js';
import { FACADE, facadeMigrations } from './migrations.js';
import { NamedInstances, type NamedUpstream } from './named-instances.js';
import { HttpRouting, stickyKey } from './routing.js';
import { ServiceKeys } from './service-keys.js';
import { type Side, type Standing, placeOf } from './stage.js';
import { type Check, type Precondition, StageChanges } from './stage-changes.js';
import { StageTable } from './stage-table.js';

const log = logger('facade');

/** How long a context that was taken back by itself stays there, in seconds: time to find out why. */
const COOL_DOWN_S = 600;

/** What a process says of itself when it opens the facade. */
export interface FacadeSettings {
  /** A role that may create roles and schemas, on the database that all apps of the house share. */
  readonly databaseUrl: string;
  /** The name of its app: `monolith`, or the context that was lifted into it. */
  readonly app: string;
  /** The contexts that live in it. */
  readonly contexts: readonly string[];
  /** Those whose requests come to it from outside, wherever they live: all in the monolith and in a gateway, none in an extracted app. */
  readonly fronts: readonly string[];
  /** Where apps answer, as far as that was written down. */
  readonly upstreams: readonly NamedUpstream[];
  /** The broker that calls and events between processes go through; without one nothing can be lifted out. */
  readonly broker: { readonly url: string; readonly namespace: string } | undefined;
  /** May a request ask for faults by its header? */
  readonly obeysFaultHeader: boolean;
}

/**
 * Where every context runs, for one process: requests, calls, events and sagas are sent and taken up by what the one
 * stage table says, so that they cannot disagree.
 */
export class Facade {
  readonly side: Side;
  /** The app that this process belongs to. */
  readonly app: string;
  readonly routing: HttpRouting;
  readonly changes: StageChanges;
  readonly faults: Faults;
  private readonly presence: Presence;
  /** Canaries that are being taken back, by context and epoch. */
  private readonly retreating = new Set<string>();
  private readonly judge = new CanaryJudge();
  private remote: RemoteCalls | undefined;

  private constructor(private readonly settings: FacadeSettings, private readonly database: Database, readonly table: StageTable, readonly faultBook: FaultBook, readonly identity: ServiceKeys) {
    this.app = settings.app;
    this.side = settings.fronts.length > 0 ? 'embedded' : 'extracted';
    this.routing = new HttpRouting({ table, identity, isHere: (context) => settings.contexts.includes(context), ended: (standing, answer) => this.observe(standing, answer) });
    this.changes = new StageChanges(database, [this.brokerIsThere, this.someoneAnswers, this.hasCooledDown, this.isNoWorse]);
    this.faults = new Faults({ side: this.side, standing: faultBook.standing, obeysHeader: settings.obeysFaultHeader });
    this.presence = new Presence(database, settings.app, settings.contexts);
  }

  /** @throws DatabaseAway, MigrationRefused */
  static async open(settings: FacadeSettings): Promise<Facade> {
    const { url } = await provisionContext({ adminUrl: settings.databaseUrl, name: FACADE, migrations: facadeMigrations });
    const database = await openDatabase({ context: FACADE, url, applicationName: `banyan-${FACADE}`, entities: [], poolSize: 3 });
    const table = new StageTable(database, new NamedInstances(settings.upstreams));
    const faultBook = new FaultBook(database);
    try {
      await table.start();
      await faultBook.start();
      return new Facade(settings, database, table, faultBook, await ServiceKeys.open(database, settings.app));
    } catch (error) {
      await table.stop();
      await faultBook.stop();
      await database.close();
      throw error;
    }
  }

  /** The contexts whose requests come to this process from outside. */
  get fronts(): readonly string[] {
    return this.settings.fronts;
  }

  /** Contexts that this process could not serve alone: they run elsewhere, wholly or in part. */
  liftedOut(): string[] {
    return this.settings.contexts.filter((it) => this.table.standingOf(it).percent > 0);
  }

  /** Carries calls to wherever their context runs. */
  transport(here: Transport): Transport {
    const { broker } = this.settings;
    if (!broker) return here;
    this.remote = new RemoteCalls({ ...broker, identity: this.identity });
    return new RoutedTransport(here, this.remote, { routeOf: (context, operation) => this.routeOf(context, operation) });
  }

  /** Is what this process does for the context compared with what the extracted app makes of it? */
  isInShadow(context: string): boolean {
    return this.table.standingOf(context).stage === 'shadow';
  }

  /** Which of a context's events are handled and relayed here. */
  dutyOf(context: string): Duty {
    return {
      handles: (lane) => this.isMine(context, (percent) => (lane + 0.5) / LANES < percent / 100),
      relays: () => this.isMine(context, (percent) => percent === 100),
      onChange: (listener) => this.table.onChange((moved) => { if (moved === context) listener(); }),
    };
  }

  /** Are the context's sagas taken up here? During a canary on both sides: those that a side starts, it mostly runs. */
  runsSagasOf(context: string): boolean {
    const { stage } = this.table.standingOf(context);
    return stage === 'canary' || (stage === 'live') === (this.side === 'extracted');
  }

  /** Tells the others where this process answers. */
  async announce(url: string): Promise<void> {
    await this.presence.start(url);
  }

  /** Nothing new is sent here any more. */
  async withdraw(): Promise<void> {
    await this.presence.stop();
  }

  /** After the contexts have stopped: until then they may call others. */
  async stop(): Promise<void> {
    await this.routing.stop();
    await this.remote?.stop();
    await this.table.stop();
    await this.faultBook.stop();
    await this.identity.stop();
    await this.database.close();
  }

  private isMine(context: string, isExtracted: (percent: number) => boolean): boolean {
    return isExtracted(this.table.standingOf(context).percent) === (this.side === 'extracted');
  }

  private routeOf(context: string, operation: string): CallRoute {
    const app = this.appFor(context);
    const standing = this.table.standingOf(context);
    if (standing.stage !== 'canary' || this.side === 'extracted') return { app };
    const started = wallClock.ticks();
    return { app, ended: (failed) => this.observe(standing, { route: operation, side: app === undefined || app === MONOLITH ? 'embedded' : 'extracted', ms: wallClock.ticks() - started, failed }) };
  }

  /** A canary that does worse than the monolith beside it is taken back, and nobody has to be there for it. */
  private observe({ context, epoch }: Standing, answer: Omit<Observation, 'context'>): void {
    this.judge.observe(epoch, { context, ...answer });
    if (answer.side === 'embedded') return;
    const verdict = this.judge.verdict(context, epoch);
    if (verdict.is !== 'worse' || this.retreating.has(`${context} ${epoch}`)) return;
    this.retreating.add(`${context} ${epoch}`);
    void this.retreat(context, epoch, verdict.because);
  }

  private async retreat(context: string, epoch: number, because: string): Promise<void> {
    try {
      const done = await this.changes.retreat(context, epoch, `rolled back by itself: ${because}`);
      if (done) log.error({ context, epoch, because }, 'A canary does worse than the monolith beside it; all of its traffic was taken back.');
      await this.table.look();
    } catch (error) {
      this.retreating.delete(`${context} ${epoch}`);
      log.error({ context, err: error }, 'A canary does worse than the monolith beside it and could not be taken back; it is tried again with the next request.');
    }
  }

  private appFor(context: string): string | undefined {
    const isHere = this.settings.contexts.includes(context);
    // What has come to the extracted side stays there: both work on the same schema.
    if (isHere && this.side === 'extracted') return undefined;
    const standing = this.table.standingOf(context);
    if (standing.percent === 0 || placeOf(standing, stickyKey()) === 'embedded') return isHere ? undefined : MONOLITH;
    if (this.table.instancesOf(context, 'extracted').length === 0) throw new NoInstance(`No process of the app that ${context} was lifted into shows signs of life.`, { context });
    return context;
  }

  private readonly hasCooledDown: Precondition = async ({ context, to }): Promise<Check | undefined> => {
    if (to.percent === 0) return undefined;
    const since = await this.changes.secondsSinceRetreat(context);
    return {
      name: 'cool-down', ok: since === undefined || since >= COOL_DOWN_S, figures: { seconds: since === undefined ? 'none' : Math.round(since), required: COOL_DOWN_S },
      explanation: 'It did worse than the monolith a moment ago and was taken back by itself: look at the journal, mend it, and try again later.',
    };
  };

  private readonly isNoWorse: Precondition = async ({ context, from, to }): Promise<Check | undefined> => {
    if (to.percent === 0) return undefined;
    const verdict = from.stage === 'canary' ? this.judge.verdict(context, from.epoch) : undefined;
    return {
      name: 'canary', ok: verdict?.is !== 'worse', figures: { verdict: verdict?.is ?? 'none yet', pairs: verdict?.pairs ?? 0, conclusive: REQUIRED_PAIRS },
      explanation: 'The canary does worse than the monolith beside it.',
    };
  };

  private readonly brokerIsThere: Precondition = async ({ to }): Promise<Check | undefined> => (to.percent === 0 ? undefined : {
    name: 'broker', ok: this.settings.broker !== undefined, figures: { broker: this.settings.broker ? 'rabbitmq' : 'none' },
    explanation: 'Calls and events between processes need RabbitMQ: start the monolith with EVENT_BUS=rabbitmq.',
  });

  private readonly someoneAnswers: Precondition = async ({ context, to }): Promise<Check> => {
    await this.table.look();
    const instances = (to.stage === 'shadow' ? this.table.processesOf(context) : this.table.instancesOf(context, 'extracted')).length;
    return {
      name: 'instances', ok: instances > 0, figures: { instances },
      explanation: `At least one process of the extracted app has to be there: npm run start:extracted -- ${context}`,
    };
  };
}
