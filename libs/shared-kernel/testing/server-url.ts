/** The environment is the only thing that Jest's global setup can hand on to its workers. */
const NAME = 'TEST_DATABASE_URL';

/** The administrator's URL of the PostgreSQL that this test run uses. */
export function serverUrl(): string | undefined {
  // oxlint-disable-next-line no-process-env -- see above
  return process.env[NAME];
}

export function handOnServerUrl(url: string): void {
  // oxlint-disable-next-line no-process-env -- see above
  process.env[NAME] = url;
}
