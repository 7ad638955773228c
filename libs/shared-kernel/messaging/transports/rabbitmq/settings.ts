/** How the app uses RabbitMQ. */
export interface RabbitMqSettings {
  /** amqp:// or amqps://, with user, password and virtual host. */
  readonly url: string;
  /** Begins the name of every exchange and queue, so that several apps can share a broker; `banyan` when left out. */
  readonly namespace?: string;
  /**
   * Does every context that listens to events of this app live in it, and in no process of another kind? Then an app
   * that stops can tell whether the broker still holds anything, and EVENT_BUS may change without AMQP_URL. False when
   * left out.
   */
  readonly hostsAllListeners?: boolean;
  /** Keep every event for so many days in a stream, from which read models can be rebuilt. No stream when left out. */
  readonly streamDays?: number;
  /** Milliseconds without a single confirm, with some outstanding, after which a connection counts as dead; 10,000 when left out. */
  readonly confirmMs?: number;
  /** Shown by the broker for each connection. */
  readonly connectionName?: string;
}

/** The prefix of all names when nothing else is said. */
export const NAMESPACE = 'banyan';

/** Messages of one lane that a process may hold unacknowledged. */
export const PREFETCH = 250;

/** Most messages that an inbox is given at once. */
export const INTAKE_BATCH = 500;

/** Most unconfirmed messages of a connection. Throughput no longer grows beyond it: 67k/s measured at 1,000. */
export const WINDOW = 1_000;

/** Milliseconds. How long a delivery waits for a broker that is away before it leaves the events in the outbox. */
export const READY_MS = 2_000;

/** `confirmMs` when nothing else is said. */
export const CONFIRM_MS = 10_000;

/** Milliseconds that `flush` waits for what is under way. */
export const FLUSH_MS = 4_000;

/** Milliseconds to connect, and then to declare everything. */
export const CONNECT_MS = 5_000;
export const OPEN_MS = 15_000;

/** Milliseconds that a stopping app waits for the broker to say that it has everything. */
export const FINISH_MS = 5_000;

/** Bounds of the growing, jittered pause between tries, in milliseconds. */
export const FIRST_PAUSE_MS = 100;
export const LONGEST_PAUSE_MS = 5_000;

/** Seconds of silence, twice over, after which either side takes the other for dead. */
export const HEARTBEAT_S = 10;
