import { call, defineSaga, local, pivot, undo } from '../index.js';
import { Archive, Confirm, Reject } from './agency.js';
import { flights, hotels, journeyState } from './words.js';

/** The saga most tests are about: two bookings, the point of no return, and what must follow it. */
export const journey = defineSaga('journey', 1, journeyState, {
  steps: [
    call('book-flight', flights.commands.book, {
      input: ({ tripId }) => ({ tripId }),
      keep: (state, { seat }) => ({ ...state, seat }),
      timeout: '60s',
      compensate: undo(flights.commands.cancel, ({ tripId }) => ({ tripId })),
    }),
    call('book-room', hotels.commands.book, {
      input: ({ tripId }) => ({ tripId }),
      timeout: '60s',
      keep: (state, reply) => (reply.is === 'booked' ? { ...state, room: reply.room } : state),
      refuseIf: (reply) => (reply.is === 'full' ? { code: 'hotel-full', message: 'There is no room left.' } : undefined),
      compensate: undo(hotels.commands.cancel, ({ tripId }) => ({ tripId })),
    }),
    pivot(local('confirm', Confirm)),
    call('issue-ticket', flights.commands.issueTicket, { input: ({ tripId, seat = 'none' }) => ({ tripId, seat }) }),
    local('archive', Archive),
  ],
  failed: Reject,
});

/** The journey with very little time for the hotel, and nothing after the pivot. */
export function hastyJourney(timeForTheHotel: `${number}ms`) {
  return defineSaga('hasty', 1, journeyState, {
    steps: [
      call('book-flight', flights.commands.book, {
        input: ({ tripId }) => ({ tripId }),
        compensate: undo(flights.commands.cancel, ({ tripId }) => ({ tripId })),
      }),
      call('book-room', hotels.commands.book, {
        input: ({ tripId }) => ({ tripId }),
        timeout: timeForTheHotel,
        compensate: undo(hotels.commands.cancel, ({ tripId }) => ({ tripId })),
      }),
      pivot(local('confirm', Confirm)),
    ],
    failed: Reject,
  });
}

/** What the ledgers of a trip show when everything happened, once. */
export const happy = (tripId: string) => ({
  trips: [`confirmed seat of ${tripId}, room 7`, `archived seat of ${tripId}, room 7`],
  flights: ['booked', `ticket for seat of ${tripId}`],
  hotels: ['booked'],
});

/** What they show when the hotel was full. */
export const turnedBack = {
  trips: ['rejected: hotel-full at book-room'],
  flights: ['booked', 'cancelled'],
  hotels: [],
};
