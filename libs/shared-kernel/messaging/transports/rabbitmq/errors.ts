import { defineError } from '../../../contract/index.js';

export const BrokerAway = defineError({
  code: 'broker-away', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'RabbitMQ cannot be reached or takes nothing at the moment. Events wait in their outboxes and go out in order when it is back; nothing has to be repeated.',
});

export const BrokerRefuses = defineError({
  code: 'broker-refuses', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'RabbitMQ answers but does not let this app work: wrong user, password or virtual host, or missing rights. Correct AMQP_URL or the user\'s permissions.',
});

export const BrokerCannotConfirm = defineError({
  code: 'broker-cannot-confirm', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'The broker cannot confirm what it takes, so nobody could say whether an event was lost. Use RabbitMQ 3.10 or later.',
});

export const TopologyDrift = defineError({
  code: 'topology-drift', http: 500, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'A queue or exchange exists with other arguments than this version declares, and RabbitMQ cannot change them. Drain it, delete it, and start again; see docs/guides/rabbitmq.md.',
});

export const Unroutable = defineError({
  code: 'event-unroutable', http: 503, grpc: 'UNAVAILABLE', retryable: true,
  help: 'RabbitMQ had no queue for an event that a context here listens to: a queue or binding was deleted. It is declared again and the event published again.',
});
