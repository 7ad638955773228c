import { runApp } from '@banyan/kernel/app';
import { gateway } from './gateway.js';

await runApp(gateway, process.env, ({ url }, _config, seconds) =>
  `\n  The way into the shop: ${url}   (ready in ${seconds().toFixed(1)} s)\n\n  Ctrl-C drains and stops it.\n`);
