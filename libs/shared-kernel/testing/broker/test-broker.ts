import { randomBytes } from 'node:crypto';
import { type RabbitMqSettings, removeFromBroker } from '../../messaging/index.js';
import { askKeeper } from './keeper.js';

/** The run's RabbitMQ, and names in it that nobody else uses. It may be shared with others: never stop or starve it. */
export interface TestBroker extends Required<Pick<RabbitMqSettings, 'url' | 'namespace'>> {
  /** Deletes what these contexts had there. */
  drop(contexts: readonly string[]): Promise<void>;
}

/** @throws Error when there is no RabbitMQ and none could be started; a test that needs one fails, it is never skipped */
export async function testBroker(): Promise<TestBroker> {
  const settings = { url: await askKeeper(), namespace: `test-${randomBytes(6).toString('hex')}` };
  return { ...settings, drop: (contexts) => removeFromBroker(settings, contexts) };
}
