// What the benches calculate and write is tested by `npm test`; what they measure is checked by themselves, run by run.
await import('./lib/results.test.mjs');
await import('./lib/statistics.test.mjs');
