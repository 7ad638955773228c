import { CommanderError } from 'commander';
import { Client, connectionOf } from '../client/index.js';
import { type Discarded, MOST_IDS, ParkedApi, type Parked } from './api.js';
import type { DiscardOptions, FilterOptions, ListOptions, RedriveOptions, ShowOptions } from './options.js';
import { discardedText, listText, redrivenText, storyText } from './text.js';

/** Most events that one `discard` with a filter takes; more than that needs a look at the cause first. */
const MOST_DISCARDED = 100_000;

/** Runs `banyan parked list`. @throws Error for people, as all of them here */
export async function list({ limit, url, json, ...filter }: ListOptions): Promise<void> {
  const page = await api(url).list(filter, limit);
  say(json ? page : listText(page, limit));
}

/** Runs `banyan parked show`. */
export async function show(event: string, { url, json }: ShowOptions): Promise<void> {
  const app = api(url);
  const { context, eventId } = named(event);
  const contexts = context === undefined ? (await app.list({ eventId }, 100)).data.map((it) => it.context) : [context];
  if (contexts.length === 0) throw new Error(`${eventId} is not parked anywhere. If it was, say in which context: npx banyan parked show <context>/${eventId}`);
  const stories = await Promise.all(contexts.map((it) => app.show(it, eventId)));
  say(json ? (stories.length === 1 ? stories[0] : stories) : stories.map(storyText).join('\n\n'));
}

/** Runs `banyan parked redrive`. */
export async function redrive(events: readonly string[], { url, json, all, rate, reason, dryRun, ...filter }: RedriveOptions): Promise<void> {
  const { ids, context } = idsOf(events, filter);
  const hasFilter = Object.keys(filter).length > 0;
  if (ids.length === 0 && !hasFilter && !all) wrong('Say what to redrive: ids, a filter such as --context, or --all.');
  if (all && (ids.length > 0 || hasFilter)) wrong('--all is everything: leave the ids and the filter out, or --all.');
  const done = await api(url).redrive({
    ...(ids.length > 0 && { ids }), filter: { ...filter, ...(context !== undefined && { context }) }, reason, perSecond: rate, dryRun: dryRun ?? false,
  });
  say(json ? done : redrivenText(done));
}

/** Runs `banyan parked discard`. A filter is turned into ids first: what is parked meanwhile is not taken along. */
export async function discard(events: readonly string[], { url, json, reason, dryRun, ...filter }: DiscardOptions): Promise<void> {
  const app = api(url);
  if (events.length > 0 && Object.keys(filter).some((name) => name !== 'context')) wrong('Say what to discard either by ids or by a filter.');
  if (events.length === 0 && Object.keys(filter).length === 0) wrong('Say what to discard: ids, or a filter such as --key. (There is no way to discard everything at once.)');
  const { ids, context } = events.length > 0 ? idsOf(events, filter) : { ids: await found(app, filter), context: filter.context };
  const sum = await inParts(ids, (part) => app.discard({ ids: part, reason, dryRun: dryRun ?? false, ...(context !== undefined && { context }) }), dryRun ?? false);
  say(json ? sum : discardedText(sum, ids.length));
}

function api(url: string | undefined): ParkedApi {
  return new ParkedApi(new Client(connectionOf(undefined, url)));
}

async function found(app: ParkedApi, filter: FilterOptions): Promise<string[]> {
  const { data, hasMore } = await app.list(filter, MOST_DISCARDED);
  if (hasMore) throw new Error(`More than ${MOST_DISCARDED} events are meant. Narrow the filter.`);
  return [...new Set(data.map((it: Parked) => it.eventId))];
}

async function inParts(ids: readonly string[], send: (part: readonly string[]) => Promise<Discarded>, dryRun: boolean): Promise<Discarded> {
  const sum = { dryRun, events: 0, behind: 0, contexts: new Map<string, { context: string; events: number; behind: number }>() };
  for (let at = 0; at < ids.length; at += MOST_IDS) {
    const done = await send(ids.slice(at, at + MOST_IDS));
    sum.events += done.events;
    sum.behind += done.behind;
    for (const { context, events, behind } of done.contexts) {
      const known = sum.contexts.get(context);
      sum.contexts.set(context, { context, events: events + (known?.events ?? 0), behind: behind + (known?.behind ?? 0) });
    }
  }
  return { ...sum, contexts: [...sum.contexts.values()] };
}

/** `context/id`, as `list` prints it, or an id alone. */
function named(event: string): { readonly context: string | undefined; readonly eventId: string } {
  const [eventId = '', context] = event.split('/').toReversed();
  return { context, eventId };
}

/** Ids that were given with a context mean only that one; they have to agree. */
function idsOf(events: readonly string[], filter: FilterOptions): { readonly ids: string[]; readonly context: string | undefined } {
  const all = events.map(named);
  const contexts = new Set([...all.map((it) => it.context), filter.context].filter((it) => it !== undefined));
  if (contexts.size > 1) wrong(`The events are of several contexts (${[...contexts].join(', ')}): take one after the other, or name them by their ids alone.`);
  return { ids: all.map((it) => it.eventId), context: [...contexts][0] };
}

function wrong(message: string): never {
  process.stderr.write(`error: ${message}\n`);
  throw new CommanderError(2, 'banyan.parked', message);
}

function say(outcome: unknown): void {
  process.stdout.write(`${typeof outcome === 'string' ? outcome : JSON.stringify(outcome, null, 2)}\n`);
}
