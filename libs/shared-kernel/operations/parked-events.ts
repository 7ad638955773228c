import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InvalidInput, NotFound } from '../contract/index.js';
import { IdempotencyKeyReused, type Page, page, readCursor } from '../http/index.js';
import type { Changed, DiscardOutcome, EventStory, ParkedEvent, ParkedFilter, Parking, ParkingWish, RedriveOutcome } from '../messaging/index.js';
import type { DiscardWish, RedriveWish, parkedFilter, parkedQuery } from './parked-schemas.js';

/** Who asks for a change, and under which key. */
export interface Asker {
  readonly principalId: string;
  readonly idempotencyKey: string;
}

/** What a change did, added up and per context; `isReplay` when all of it had been done before. */
export interface Sum<Outcome> {
  readonly total: Outcome;
  readonly contexts: readonly ({ readonly context: string } & Outcome)[];
  readonly isReplay: boolean;
}

const cursorParts = z.strictObject({ at: z.iso.datetime({ precision: 6 }), context: z.string(), position: z.int() });

/**
 * The parked events of all contexts. A change is carried out context by context, each in a transaction of its own: when
 * one of them is away, whoever asked sends the same again, and those that were done answer with what they did.
 */
export class ParkedEvents {
  constructor(private readonly all: readonly Parking[]) {}

  /** What is parked anywhere, longest first. */
  async list({ limit, cursor, context, eventId, ...rest }: z.output<typeof parkedQuery>): Promise<Page<ParkedEvent>> {
    const after = readCursor(cursor, cursorParts);
    const filter = { ...filterOf(rest), ...(eventId !== undefined && { ids: [eventId] }) };
    const found = await Promise.all(this.scope(context, '?context').map((it) => it.list(filter, limit + 1, after)));
    const rows = found.flat().sort(({ place: a }, { place: b }) => compare(a.at, b.at) || compare(a.context, b.context) || a.position - b.position);
    return page(rows, limit, ({ place }) => place);
  }

  /** @throws NotFound when the context's inbox does not have the event (any more) */
  async find(context: string, eventId: string): Promise<EventStory> {
    const story = await this.all.find((it) => it.context === context)?.find(eventId);
    if (!story) throw new NotFound(`The inbox of ${context} has no event ${eventId}; handled ones are forgotten after a while.`);
    return story;
  }

  async redrive(wish: RedriveWish, asker: Asker): Promise<Sum<RedriveOutcome>> {
    const { filter: { context, ...rest } = {}, ids, perSecond, reason, dryRun } = wish;
    const filter: ParkedFilter = { ...filterOf(rest), ids };
    const order = { ...wished(asker, reason, wish), filter, perSecond };
    return this.sum(this.scope(context, '/filter/context'), dryRun, {
      preview: (it) => it.previewRedrive(filter, perSecond),
      run: (it) => it.redrive(order),
      none: { keys: 0, events: 0, behind: 0, unreadable: 0, seconds: 0 },
      add: (a, b) => ({
        keys: a.keys + b.keys, events: a.events + b.events, behind: a.behind + b.behind, unreadable: a.unreadable + b.unreadable, seconds: Math.max(a.seconds, b.seconds),
      }),
      isNothing: ({ keys }) => keys === 0,
    });
  }

  async discard(wish: DiscardWish, asker: Asker): Promise<Sum<DiscardOutcome>> {
    const { context, ids, reason, dryRun } = wish;
    const order = { ...wished(asker, reason, wish), ids };
    return this.sum(this.scope(context, '/context'), dryRun, {
      preview: (it) => it.previewDiscard(ids),
      run: (it) => it.discard(order),
      none: { events: 0, behind: 0 },
      add: (a, b) => ({ events: a.events + b.events, behind: a.behind + b.behind }),
      isNothing: ({ events }) => events === 0,
    });
  }

  /** One after the other, so that a context that is away stops it where everybody would expect. */
  private async sum<Outcome>(scope: readonly Parking[], dryRun: boolean, change: Change<Outcome>): Promise<Sum<Outcome>> {
    const contexts: ({ context: string } & Outcome)[] = [];
    let total = change.none;
    let isReplay = !dryRun;
    for (const parking of scope) {
      const done: Changed<Outcome> = dryRun ? { is: 'done', outcome: await change.preview(parking), isReplay: false } : await change.run(parking);
      if (done.is === 'other-wish') throw new IdempotencyKeyReused('This Idempotency-Key was used before, for another request.');
      isReplay &&= done.isReplay;
      total = change.add(total, done.outcome);
      if (!change.isNothing(done.outcome)) contexts.push({ context: parking.context, ...done.outcome });
    }
    return { total, contexts, isReplay };
  }

  /** @throws InvalidInput when there is no such context here */
  private scope(context: string | undefined, path: string): readonly Parking[] {
    if (context === undefined) return this.all;
    const scope = this.all.filter((it) => it.context === context);
    if (scope.length > 0) return scope;
    const message = `There is no context "${context}" here. There are: ${this.all.map((it) => it.context).join(', ')}.`;
    throw new InvalidInput(message, {}, [{ path, message }]);
  }
}

interface Change<Outcome> {
  readonly preview: (parking: Parking) => Promise<Outcome>;
  readonly run: (parking: Parking) => Promise<Changed<Outcome>>;
  readonly none: Outcome;
  readonly add: (a: Outcome, b: Outcome) => Outcome;
  readonly isNothing: (outcome: Outcome) => boolean;
}

function wished(asker: Asker, reason: string, wish: RedriveWish | DiscardWish): ParkingWish {
  return { ...asker, reason, requestHash: createHash('sha256').update(JSON.stringify(wish)).digest('hex') };
}

function filterOf({ since, ...rest }: Omit<z.output<typeof parkedFilter>, 'context'>): ParkedFilter {
  return { ...rest, since: since === undefined ? undefined : new Date(since) };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
