import { openKeeper } from './broker/keeper.js';
import { handOnServerUrl, serverUrl } from './server-url.js';
import { startTestServer } from './test-server.js';

/**
 * Starts one PostgreSQL for all tests of the run, unless TEST_DATABASE_URL names one; the workers find its URL there.
 * A RabbitMQ is found or started when the first test asks for it.
 */
export default async function globalSetup(): Promise<void> {
  await openKeeper();
  if (serverUrl()) return;
  handOnServerUrl(await startTestServer());
}
