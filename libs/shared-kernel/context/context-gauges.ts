import type { MessagingFigures } from '../messaging/index.js';
import { type Metrics, logger } from '../observability/index.js';
import { poolFigures } from '../persistence/index.js';
import { deadlineIn, runInput } from '../runtime/index.js';
import type { SagaFigures } from '../saga/index.js';
import type { LivingContext } from './context-module.js';

/** How long a scrape waits for each context, in milliseconds. Prometheus gives up on the whole after ten seconds. */
export interface ScrapePatience {
  /** For a sign of life of its database. */
  readonly answerMs: number;
  /** For counting: 100,000 events that wait are counted in 0.4 s. */
  readonly countMs: number;
}

const defaultPatience: ScrapePatience = { answerMs: 2_000, countMs: 5_000 };

const NONE = { running: 0, compensating: 0, needingOperator: 0, oldestSeconds: 0 };

const log = logger('metrics');

/**
 * What contexts have on their hands, set anew at every scrape: three statements per context, one after the other, so that
 * a scrape needs one connection of each pool. A context whose database does not answer in time is marked so, and has no
 * other figures but its pool's: an old figure would look like a good one.
 */
export class ContextGauges {
  private readonly gauges;

  constructor(metrics: Metrics, private readonly contexts: readonly LivingContext[], private readonly patience = defaultPatience) {
    this.gauges = {
      up: metrics.gauge('banyan_context_database_up', 'Whether the database of the context answered this scrape within two seconds.', ['context']),
      connections: metrics.gauge('banyan_database_pool_connections', 'Open connections of the pool, by whether somebody uses them.', ['context', 'state']),
      limit: metrics.gauge('banyan_database_pool_limit', 'Connections that the pool opens at most.', ['context']),
      waiting: metrics.gauge('banyan_database_pool_waiting', 'Who waits for a connection of the pool.', ['context']),
      outbox: metrics.gauge('banyan_outbox_events', 'Events that the context announced and that are not with every subscriber yet.', ['context']),
      inbox: metrics.gauge('banyan_inbox_events', 'Events that the context received and has not handled, by what they wait for.', ['context', 'state']),
      oldestEvent: metrics.gauge('banyan_events_oldest_age_seconds', 'Age of the oldest event that is neither handled nor parked, in outbox or inbox; 0 without any.', ['context']),
      isLeader: metrics.gauge('banyan_relay_leader', 'Whether this process relays the events of the context.', ['context']),
      isPaused: metrics.gauge('banyan_event_handling_paused', 'Whether this process holds back the handlers of the context, because something they need is away.', ['context']),
      sagas: metrics.gauge('banyan_sagas', 'Unfinished sagas, by the way they go.', ['context', 'saga', 'state']),
      needingOperator: metrics.gauge('banyan_sagas_needing_operator', 'Unfinished sagas that cannot get on by themselves.', ['context', 'saga']),
      oldestSaga: metrics.gauge('banyan_sagas_oldest_age_seconds', 'Age of the oldest unfinished saga; 0 without any.', ['context', 'saga']),
    };
  }

  async set(): Promise<void> {
    for (const gauge of Object.values(this.gauges)) gauge.reset();
    await Promise.all(this.contexts.map((it) => this.setFor(it)));
  }

  private async setFor(living: LivingContext): Promise<void> {
    const context = living.declaration.name;
    this.setPool(living);
    const { answerMs, countMs } = this.patience;
    const answer = await asked(context, answerMs, () => living.database.query('SELECT 1'));
    this.gauges.up.set({ context }, answer ? 1 : 0);
    const figures = answer && await asked(context, countMs, () => figuresOf(living));
    if (!figures) return;
    this.setEvents(context, figures.events);
    this.setSagas(living, figures.sagas);
  }

  private setPool({ database }: LivingContext): void {
    const pool = poolFigures(database);
    if (!pool) return;
    const { context } = database;
    this.gauges.connections.set({ context, state: 'idle' }, pool.idle);
    this.gauges.connections.set({ context, state: 'busy' }, pool.open - pool.idle);
    this.gauges.limit.set({ context }, pool.limit);
    this.gauges.waiting.set({ context }, pool.waiting);
  }

  private setEvents(context: string, figures: MessagingFigures): void {
    this.gauges.outbox.set({ context }, figures.outbox);
    for (const state of ['ready', 'waiting', 'parked'] as const) this.gauges.inbox.set({ context, state }, figures[state]);
    this.gauges.oldestEvent.set({ context }, figures.oldestSeconds);
    this.gauges.isLeader.set({ context }, figures.isLeader ? 1 : 0);
    this.gauges.isPaused.set({ context }, figures.paused === undefined ? 0 : 1);
  }

  /** Declared sagas show as 0 when there are none; others are of a version that this process does not have. */
  private setSagas({ declaration: { name: context, sagas } }: LivingContext, unfinished: readonly SagaFigures[]): void {
    const figures = new Map([...sagas.map(({ name }) => ({ name, ...NONE })), ...unfinished].map((it) => [it.name, it]));
    for (const [saga, it] of figures) {
      this.gauges.sagas.set({ context, saga, state: 'running' }, it.running);
      this.gauges.sagas.set({ context, saga, state: 'compensating' }, it.compensating);
      this.gauges.needingOperator.set({ context, saga }, it.needingOperator);
      this.gauges.oldestSaga.set({ context, saga }, it.oldestSeconds);
    }
  }
}

/** What the work found; undefined when it failed or took too long. */
async function asked<T>(context: string, limitMs: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await runInput({ context, deadline: deadlineIn(limitMs) }, work);
  } catch (error) {
    log.warn({ context, err: error }, 'A context has no figures for this scrape.');
    return undefined;
  }
}

async function figuresOf({ messaging, sagas }: LivingContext): Promise<{ events: MessagingFigures; sagas: SagaFigures[] }> {
  return { events: await messaging.figures(), sagas: await sagas.figures() };
}
