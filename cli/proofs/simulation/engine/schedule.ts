import { setImmediate as afterMicrotasks } from 'node:timers';

/** Something that can hold events back: a process that stands still, a slow connection. */
export interface Gate {
  opensAt: number;
}

/** Whoever's code runs in an event. What a dead one had scheduled never happens. */
export interface Actor extends Gate {
  readonly name: string;
  readonly clockOffsetMs: number;
  isDead: boolean;
}

export type EventKind = 'timer' | 'arrival' | 'answer' | 'call' | 'world';

/** Something between two processes that can break or be slow. */
export interface Touched {
  readonly actor: Actor;
  cut(how: { readonly losesMessages: boolean; readonly serverNoticesMs: number }): void;
  stall(ms: number): void;
}

export interface ScheduledEvent {
  at: number;
  readonly order: number;
  readonly kind: EventKind;
  readonly actor: Actor | undefined;
  readonly gates: readonly Gate[];
  /** The connection whose message it is, or the like: what a fault at this point may hit. */
  readonly touches: Touched | undefined;
  readonly what: string;
  readonly run: () => void;
  isCancelled: boolean;
}

interface Plan {
  readonly delayMs: number;
  readonly kind: EventKind;
  readonly what: string;
  readonly run: () => void;
  readonly actor?: Actor | undefined;
  readonly gates?: readonly Gate[];
  readonly touches?: Touched;
}

/** To the microsecond, as PostgreSQL keeps time. */
const toMicros = (ms: number): number => Math.round(ms * 1_000) / 1_000;

/**
 * One queue of everything that will happen, on a clock that jumps from event to event. All code between two awaits runs
 * in one event; whatever the event sets in motion without waiting for another event is over before the next one begins.
 */
export class Schedule {
  /** Milliseconds since the simulation began. */
  now = 0;
  /** How many events have happened. */
  steps = 0;
  /** Whose code is running. */
  current: Actor | undefined;
  /** Asked before each event; may kill or pause its actor. */
  onStep: (event: ScheduledEvent) => void = () => {};
  private readonly heap: ScheduledEvent[] = [];
  private ordered = 0;

  plan({ delayMs, kind, what, run, actor, gates = [], touches }: Plan): ScheduledEvent {
    this.ordered += 1;
    const event: ScheduledEvent = {
      at: toMicros(this.now + Math.max(0, delayMs)), order: this.ordered, kind, actor, what, run, touches, isCancelled: false,
      gates: actor ? [actor, ...gates] : gates,
    };
    this.push(event);
    return event;
  }

  /** Lets the next event happen, with all that follows from it at once. Answers false when there is none. */
  async step(): Promise<boolean> {
    for (;;) {
      const event = this.pop();
      if (!event) return false;
      if (event.isCancelled || event.actor?.isDead) continue;
      const opensAt = event.gates.reduce((latest, gate) => Math.max(latest, gate.opensAt), 0);
      if (opensAt > event.at) {
        event.at = opensAt;
        this.push(event);
        continue;
      }
      this.now = Math.max(this.now, event.at);
      this.steps += 1;
      this.onStep(event);
      if (event.actor?.isDead) return true;
      if (event.gates.some((gate) => gate.opensAt > this.now)) {
        this.push(event);
        return true;
      }
      this.current = event.actor;
      event.run();
      await allThatFollows();
      this.current = undefined;
      return true;
    }
  }

  private push(event: ScheduledEvent): void {
    const { heap } = this;
    let at = heap.push(event) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(event, heap[parent])) break;
      this.swap(at, parent);
      at = parent;
    }
  }

  private pop(): ScheduledEvent | undefined {
    const { heap } = this;
    const [first] = heap;
    const last = heap.pop();
    if (!first || !last || first === last) return first;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      let least = at;
      if (isBefore(heap[left], heap[least])) least = left;
      if (isBefore(heap[right], heap[least])) least = right;
      if (least === at) return first;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(one: number, other: number): void {
    const { heap } = this;
    const [a, b] = [heap[one], heap[other]];
    if (a && b) [heap[one], heap[other]] = [b, a];
  }
}

/** Two turns: the code under simulation may itself wait for one. */
function allThatFollows(): Promise<void> {
  return new Promise((resolve) => { afterMicrotasks(() => afterMicrotasks(resolve)); });
}

function isBefore(one: ScheduledEvent | undefined, other: ScheduledEvent | undefined): boolean {
  if (!one) return false;
  return !other || one.at < other.at || (one.at === other.at && one.order < other.order);
}
