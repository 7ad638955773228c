import { z } from 'zod';
import { command, defineContract, defineError } from '../../contract/index.js';

/** A journey is booked over two other contexts; the tests' sagas are made of these commands. */
export const TripClosed = defineError({
  code: 'trip-closed', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false, help: 'The trip was cancelled. Book another one.',
});

const trip = z.strictObject({ tripId: z.string() });
const done = z.strictObject({});

export const flights = defineContract({
  name: 'flights',
  commands: {
    book: command('flights.book', { input: trip, output: z.strictObject({ seat: z.string() }), errors: [TripClosed] }),
    cancel: command('flights.cancel', { input: trip, output: done }),
    issueTicket: command('flights.issue-ticket', { input: z.strictObject({ tripId: z.string(), seat: z.string() }), output: done }),
  },
  queries: {}, events: {},
});

export const hotels = defineContract({
  name: 'hotels',
  commands: {
    book: command('hotels.book', {
      input: trip,
      output: z.discriminatedUnion('is', [z.strictObject({ is: z.literal('booked'), room: z.int() }), z.strictObject({ is: z.literal('full') })]),
      errors: [TripClosed],
    }),
    cancel: command('hotels.cancel', { input: trip, output: done }),
  },
  queries: {}, events: {},
});

export const journeyState = z.strictObject({ tripId: z.string(), seat: z.string().optional(), room: z.int().optional() });
export type Journey = z.output<typeof journeyState>;
