import { defineError } from '@banyan/kernel/contract';

export const RefundExceedsCaptured = defineError({
  code: 'refund-exceeds-captured', http: 409, grpc: 'FAILED_PRECONDITION', retryable: false,
  help: 'No more can go back than was captured, less what went back or is promised already. Ask for less.',
});
