import { defineError } from '../contract/index.js';

export const AnnouncedOutsideTransaction = defineError({
  code: 'announced-outside-transaction', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'An event was announced without an open transaction, so it could not be stored together with the change it tells of. Announce it inside database.transaction().',
});

export const AnnouncedByStranger = defineError({
  code: 'announced-by-stranger', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'A context announced an event of another contract. A context announces its own events only; to make another one act, call its contract.',
});

export const EventsUnderWay = defineError({
  code: 'events-under-way', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'Events that left their outbox are still with another transport, and later ones must not overtake them. Let this process reach that transport (AMQP_URL for RabbitMQ), or start with it again.',
});
