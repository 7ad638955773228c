import type { Way } from '../find-broker.js';
import { whyNotUsable } from '../usable.js';

const URL = 'amqp://guest:guest@127.0.0.1:5672';

/** A broker that happens to run on this machine. It belongs to somebody else: it is used, never stopped. */
export const localPort: Way = {
  name: '127.0.0.1:5672',
  look: async () => {
    const why = await whyNotUsable(URL);
    return why === undefined ? { found: { url: URL, how: 'found on 127.0.0.1:5672', stop: async () => {} } } : { because: why };
  },
};
