import type { AuthorizationAnswer, SettlementAnswer } from '../processor-operation.js';

/** Whom to charge, and how much in minor units. The ids are for the processor's books. */
export interface CardCharge {
  readonly paymentId: string;
  readonly orderId: string;
  readonly amount: number;
  readonly currency: 'GBP';
  readonly method: string;
}

/** How a call is made. */
export interface ProcessorCall {
  /** Asked twice with the same key, the processor does it once and gives the same answer. */
  readonly key: string;
  /** How long to wait for the answer. */
  readonly timeoutMs: number;
}

/**
 * Whoever moves the money of cards.
 * Every method throws ProcessorTimeout when there was no answer, so that it may have been done, and ProcessorAway
 * when the processor cannot or will not work now. Both are asked again with the same key.
 */
export abstract class CardProcessor {
  /** Promises the money, without taking it. */
  abstract authorize(charge: CardCharge, call: ProcessorCall): Promise<AuthorizationAnswer>;
  /** Takes all of the promised money. */
  abstract capture(authorization: string, call: ProcessorCall): Promise<SettlementAnswer>;
  /** Gives the promise up. */
  abstract void(authorization: string, call: ProcessorCall): Promise<SettlementAnswer>;
  /** Sends a part of the taken money back; `amount` in minor units. */
  abstract refund(authorization: string, amount: number, call: ProcessorCall): Promise<SettlementAnswer>;
}
