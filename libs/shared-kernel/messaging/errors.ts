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

export const RebuildRefused = defineError({
  code: 'rebuild-refused', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'A read model cannot be rebuilt as things are, and nothing was changed. The message says what stands in the way; see docs/guides/rabbitmq.md.',
});

export const HistoryIncomplete = defineError({
  code: 'history-incomplete', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The event stream does not reach back to the first event, so a rebuilt read model would lack what came before. Start with REBUILD_PARTIAL=accept if that is what you want.',
});

export const RebuildUnderWay = defineError({
  code: 'rebuild-under-way', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Another process rebuilds the read model of this context, which nobody else may touch meanwhile. Start again when it has finished.',
});
