import type { Way } from '../find-broker.js';
import { whyNotUsable } from '../usable.js';

/** The broker that somebody chose. If it cannot be used, another one would be a surprise. */
export const namedByEnvironment: Way = {
  name: 'AMQP_URL',
  look: async ({ amqpUrl }) => {
    if (amqpUrl === undefined || amqpUrl === '') return { because: 'it is not set.' };
    const why = await whyNotUsable(amqpUrl);
    if (why !== undefined) throw new Error(`The broker that AMQP_URL names cannot be used: ${why} Correct AMQP_URL, or unset it to have another broker looked for.`);
    return { found: { url: amqpUrl, how: 'named by AMQP_URL', stop: async () => {} } };
  },
};
