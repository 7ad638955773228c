import type { z } from 'zod';
import { fieldProblems } from '../contract/index.js';
import { EventUnreadable } from './errors.js';

/** Lifts the data of version n to version n + 1. */
type Upcaster = (older: unknown) => unknown;

interface EventShape<Data extends z.ZodType = z.ZodType> {
  /** The version of its data that is written now. */
  readonly version: number;
  readonly data: Data;
  /** `upcast[n]` makes data of version n + 1 out of data of version n. */
  readonly upcast?: Readonly<Record<number, Upcaster>>;
}

type EventShapes = Readonly<Record<string, EventShape>>;

/** An event of a stream: what happened, with its data, and when. The instant comes from `Clock`. */
export type EventOf<Shapes extends EventShapes> = {
  readonly [Type in keyof Shapes & string]: { readonly type: Type; readonly data: z.output<Shapes[Type]['data']>; readonly occurredAt: Date };
}[keyof Shapes & string];

/** An event with its place in its stream: the first one has version 1. */
export type Recorded<Event> = Event & { readonly version: number };

/** When the state of a stream is kept, so that it need not be folded from its first event every time. */
export interface SnapshotPlan<State> {
  /** After so many events. */
  readonly every: number;
  /** Of the state's shape. A snapshot of another version is passed over, so raise it with every change to shape or fold. */
  readonly version: number;
  readonly state: z.ZodType<State>;
}

/** A kind of stream: which events it has, and how a state follows from them. */
export interface StreamDefinition<Shapes extends EventShapes = EventShapes, State = unknown> {
  readonly name: string;
  readonly events: Shapes;
  readonly initial: State;
  /** The state after one more event. Follows from its arguments alone. */
  readonly evolve: (state: State, event: Recorded<EventOf<Shapes>>) => State;
  readonly snapshots?: SnapshotPlan<State>;
}

/** Declares a kind of stream. */
export function defineStream<const Shapes extends EventShapes, State>(definition: StreamDefinition<Shapes, State>): StreamDefinition<Shapes, State> {
  return definition;
}

/** The state after each of the events, beginning with a state. */
export function evolved<Shapes extends EventShapes, State>(
  { evolve }: StreamDefinition<Shapes, State>, state: State, events: readonly Recorded<EventOf<Shapes>>[],
): State[] {
  let current = state;
  return events.map((event) => (current = evolve(current, event)));
}

/** An event as it is stored. */
export interface StoredEvent {
  readonly version: number;
  readonly type: string;
  readonly schema_version: number;
  readonly data: unknown;
  readonly occurred_at: Date;
}

/**
 * Reads a stored event of any version that is still known, lifted to the current one.
 * @throws EventUnreadable
 */
export function readEvent<Shapes extends EventShapes, State>({ name, events }: StreamDefinition<Shapes, State>, stored: StoredEvent): Recorded<EventOf<Shapes>> {
  const { type, version, schema_version: from, occurred_at: occurredAt } = stored;
  const about = { stream: name, type, version };
  const shape: EventShape | undefined = Object.hasOwn(events, type) ? events[type] : undefined;
  if (!shape || from > shape.version) throw new EventUnreadable(`Version ${from} of the event "${type}" is unknown to the stream "${name}".`, about);
  let { data } = stored;
  for (let v = from; v < shape.version; v += 1) {
    const lift = shape.upcast?.[v];
    if (!lift) throw new EventUnreadable(`Version ${v} of the event "${type}" of the stream "${name}" has no upcaster.`, about);
    data = lift(data);
  }
  const parsed = shape.data.safeParse(data);
  if (!parsed.success) throw new EventUnreadable(`The event "${type}", number ${version} of a stream "${name}", does not fit its schema.`, about, fieldProblems(parsed.error));
  // The shape that parsed the data is the one that the type names.
  return { type, data: parsed.data, occurredAt, version } as Recorded<EventOf<Shapes>>;
}
