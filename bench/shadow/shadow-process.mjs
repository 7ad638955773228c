// Plays the tape of payments to its copy. The same code as on the side that serves.
import { once } from 'node:events';
import { built, kernel, logWarningsOnly } from '../lib/product.mjs';

process.on('SIGINT', () => undefined); // the terminal tells everyone; the bench decides
const gone = once(process, 'disconnect');
const told = once(process, 'message');
await logWarningsOnly();
const { openShadow } = await kernel('app');
const { PaymentsSettings, payments } = await built('libs/contexts/payments/index.js');

const [places] = await told;
const shadow = await openShadow(payments, places, { providers: [{ provide: PaymentsSettings, useValue: { processor: 'test', ledger: 'tables' } }], logLevel: 'warn' });
const following = shadow.follow();
following.catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
process.send('ready');
await gone;
await shadow.stop();
process.exit(0);
