/**
 * What a call to another process and back costs, in milliseconds. An assumption for what nobody can measure before the
 * lift: two messages through RabbitMQ within one data centre, and as much added latency as the facade lets a canary have
 * before it calls it worse. Afterwards, `banyan_call_duration_seconds` tells what it really is.
 */
export const HOP_MS = 3;

/**
 * So many calls of one input to another context are still a conversation. One more, and the hops alone take longer than a
 * read of the shop takes in all (about 15 ms); whoever asks that often mostly asks for the parts of one thing.
 */
export const MOST_CALLS_PER_INPUT = 5;

/** Fewer inputs that called prove nothing about how often an input calls. */
export const FEWEST_INPUTS = 20;
