import { CardProcessor, type CardCharge, type ProcessorCall } from '../src/card-processor/card-processor.js';
import type { Answer, AuthorizationAnswer, SettlementAnswer } from '../src/processor-operation.js';

/** What the bank holds for one authorisation, in minor units. */
export interface Hold {
  readonly paymentId: string;
  readonly amount: number;
  isVoided: boolean;
  captured: number;
  refunded: number;
}

export type Moment = 'arrives' | 'leaves';

/**
 * A card processor with books of its own, strict about them: it does each key once, and what makes no sense is a
 * mistake of ours. A test may meddle with every question when it arrives, and with every answer when it leaves: wait,
 * or throw what an unreliable network would.
 */
export class KeyedProcessor extends CardProcessor {
  readonly holds = new Map<string, Hold>();
  readonly mistakes: string[] = [];
  meddle: (moment: Moment, key: string) => Promise<void> | void = () => undefined;
  private readonly answers = new Map<string, Answer>();

  override authorize({ paymentId, amount }: CardCharge, call: ProcessorCall): Promise<AuthorizationAnswer> {
    return this.once(call, (): AuthorizationAnswer => {
      const authorization = `auth ${paymentId}`;
      if (this.holds.has(authorization)) this.mistakes.push(`${paymentId} was charged twice.`);
      this.holds.set(authorization, { paymentId, amount, isVoided: false, captured: 0, refunded: 0 });
      return { is: 'authorized', authorization };
    });
  }

  override capture(authorization: string, call: ProcessorCall): Promise<SettlementAnswer> {
    return this.settle(authorization, call, (hold) => {
      if (hold.isVoided || hold.captured > 0) this.mistakes.push(`${call.key} is not to be captured.`);
      hold.captured = hold.amount;
    });
  }

  override void(authorization: string, call: ProcessorCall): Promise<SettlementAnswer> {
    return this.settle(authorization, call, (hold) => {
      if (hold.isVoided || hold.captured > 0) this.mistakes.push(`${call.key} is not to be voided.`);
      hold.isVoided = true;
    });
  }

  override refund(authorization: string, amount: number, call: ProcessorCall): Promise<SettlementAnswer> {
    return this.settle(authorization, call, (hold) => {
      hold.refunded += amount;
      if (hold.refunded > hold.captured) this.mistakes.push(`${call.key} gives back more than was taken.`);
    });
  }

  /** What of a payment's money is on our side, or promised to be. */
  heldOf(paymentId: string): Hold | undefined {
    return this.holds.get(`auth ${paymentId}`);
  }

  private settle(authorization: string, call: ProcessorCall, work: (hold: Hold) => void): Promise<SettlementAnswer> {
    return this.once(call, (): SettlementAnswer => {
      const hold = this.holds.get(authorization);
      if (!hold) this.mistakes.push(`${call.key} is about an authorisation that is not known.`);
      else work(hold);
      return { is: 'done' };
    });
  }

  private async once<A extends Answer>({ key }: ProcessorCall, work: () => A): Promise<A> {
    await this.meddle('arrives', key);
    const answer = this.answers.get(key) ?? work();
    this.answers.set(key, answer);
    await this.meddle('leaves', key);
    // A key names one operation, and that has answers of one kind.
    return answer as A;
  }
}
