import { defineError } from '@banyan/kernel/contract';

export const ShipmentNotDispatchable = defineError({
  code: 'shipment-not-dispatchable', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Only a pending shipment can be dispatched, and only once. Look at its status; one that has left with another carrier or number stays as it was recorded.',
});

export const ShipmentNotDeliverable = defineError({
  code: 'shipment-not-deliverable', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'Only what was dispatched can be delivered. Record the dispatch first; what was cancelled has never left.',
});
