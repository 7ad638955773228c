import { describe, expect, it } from '@jest/globals';
import { type Broker, type Way, findBroker } from './find-broker.js';
import { installedServer } from './ways/installed-server.js';
import { namedByEnvironment } from './ways/named-by-environment.js';
import { whyNotUsable } from './usable.js';

const search = { amqpUrl: undefined, say: () => {} };
const broker: Broker = { url: 'amqp://here', how: 'by a test', stop: async () => {} };

describe('looking for a broker', () => {
  it('takes the first that there is and looks no further', async () => {
    const looked: string[] = [];
    const way = (name: string, found: boolean): Way => ({
      name, look: async () => { looked.push(name); return found ? { found: broker } : { because: 'not here.' }; },
    });
    expect(await findBroker(search, [way('first', false), way('second', true), way('third', true)])).toBe(broker);
    expect(looked).toEqual(['first', 'second']);
  });

  it('fails and says of each way why it did not work', async () => {
    const ways = ['one', 'two'].map((name): Way => ({ name, look: async () => ({ because: `no ${name} here.` }) }));
    await expect(findBroker(search, ways)).rejects.toThrow('There is no RabbitMQ, and none could be started:\n  - one: no one here.\n  - two: no two here.\nStart one, or name one in AMQP_URL.');
  });

  it('uses no other than the one that AMQP_URL names, and does not repeat its password', async () => {
    const looking = findBroker({ ...search, amqpUrl: 'amqp://me:hidden@127.0.0.1:1' }, [namedByEnvironment, { name: 'any', look: async () => ({ found: broker }) }]);
    await expect(looking).rejects.toThrow('AMQP_URL names cannot be used: connect ECONNREFUSED');
    await expect(looking).rejects.not.toThrow('hidden');
  });

  it('starts the installed server as a node of its own, which is gone when it is stopped', async () => {
    const outcome = await installedServer.look(search);
    if ('because' in outcome) throw new Error(outcome.because);
    expect(await whyNotUsable(outcome.found.url)).toBeUndefined();
    await outcome.found.stop();
    expect(await whyNotUsable(outcome.found.url)).toContain('ECONNREFUSED');
  }, 120_000);
});
