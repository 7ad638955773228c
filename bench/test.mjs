// What the benches calculate, check and write is tested by `npm test`, the newer ones with a few requests each; how fast
// anything is, it does not ask.
await import('./lib/results.test.mjs');
await import('./lib/statistics.test.mjs');
await import('./facade/facade.test.mjs');
await import('./rpc/rpc.test.mjs');
await import('./shadow/shadow.test.mjs');
