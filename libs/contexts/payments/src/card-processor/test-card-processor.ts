import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessorAway, ProcessorTimeout } from '../../contract/index.js';
import type { AuthorizationAnswer, SettlementAnswer } from '../processor-operation.js';
import { type CardCharge, CardProcessor, type ProcessorCall } from './card-processor.js';

type AuthorizationBehaviour = (call: ProcessorCall, isFirst: boolean) => Promise<AuthorizationAnswer> | AuthorizationAnswer;

const SLOW_MS = 2_000;
const CAPTURE_FAILS_ONCE = 'test-card-capture-fails-once';

/** The cards it knows, as `method`; they are documented in the README and part of what users of a test shop rely on. */
const cards = new Map<string, AuthorizationBehaviour>([
  ['test-card', (call) => accept('test-card', call)],
  ['test-card-declined', () => decline('card-declined', 'The bank declined the card.')],
  ['test-card-insufficient-funds', () => decline('insufficient-funds', 'There is not enough money on the account.')],
  ['test-card-timeout', (call, isFirst) => (isFirst ? loseAnswer(call) : accept('test-card-timeout', call))],
  ['test-card-timeout-always', loseAnswer],
  ['test-card-slow', async (call) => {
    await sleep(Math.min(SLOW_MS, call.timeoutMs));
    return call.timeoutMs < SLOW_MS ? loseAnswer(call) : accept('test-card-slow', call);
  }],
  [CAPTURE_FAILS_ONCE, (call) => accept(CAPTURE_FAILS_ONCE, call)],
]);

/**
 * The built-in processor: charges nobody, and behaves as the card asks it to. The same key always gives the same
 * authorisation, also after a restart. What it must remember, that a key came before, it keeps in memory; after a
 * restart a card that fails once fails once again.
 */
export class TestCardProcessor extends CardProcessor {
  private readonly seen = new Set<string>();

  async authorize({ method }: CardCharge, call: ProcessorCall): Promise<AuthorizationAnswer> {
    const card = cards.get(method);
    if (!card) return decline('unknown-card', 'There is no such test card.');
    return card(call, method === 'test-card-timeout' && this.isFirst(call));
  }

  async capture(authorization: string, call: ProcessorCall): Promise<SettlementAnswer> {
    if (authorization.startsWith(`${CAPTURE_FAILS_ONCE}:`) && this.isFirst(call)) {
      throw new ProcessorAway('The test card lets its first capture fail.');
    }
    return { is: 'done' };
  }

  async void(): Promise<SettlementAnswer> {
    return { is: 'done' };
  }

  async refund(): Promise<SettlementAnswer> {
    return { is: 'done' };
  }

  private isFirst({ key }: ProcessorCall): boolean {
    if (this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }
}

/** The authorisation names its card, so that a capture can tell how to behave. */
function accept(method: string, { key }: ProcessorCall): AuthorizationAnswer {
  return { is: 'authorized', authorization: `${method}:${createHash('sha256').update(key).digest('hex').slice(0, 24)}` };
}

function decline(code: string, message: string): AuthorizationAnswer {
  return { is: 'declined', code, message };
}

function loseAnswer({ timeoutMs }: ProcessorCall): never {
  throw new ProcessorTimeout(`The card was charged, but the answer was lost; we wait at most ${timeoutMs} ms for one.`);
}
