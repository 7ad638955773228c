import { runApp } from '@banyan/kernel/app';
import { banner } from './banner.js';
import { monolith } from './monolith.js';
import { seedShop } from './seed.js';

await runApp(monolith, process.env, async ({ url, operator }, { production, dataDir }, seconds) => {
  if (!production) await seedShop(url, operator);
  return banner({ url, seconds: seconds(), operator, dataDir });
});
