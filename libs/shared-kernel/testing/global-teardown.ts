import { closeKeeper } from './broker/keeper.js';
import { stopTestServer } from './test-server.js';

/** Stops the run's servers and removes their folders. */
export default async function globalTeardown(): Promise<void> {
  await Promise.all([closeKeeper(), stopTestServer()]);
}
