/** The environment is the only thing that Jest's global setup can hand on to its workers. */
const NAME = 'TEST_DATABASE_URL';
const IS_OWN = 'BANYAN_TEST_DATABASE_IS_OWN';

/** The administrator's URL of the PostgreSQL that this test run uses. */
export function serverUrl(): string | undefined {
  // oxlint-disable-next-line no-process-env -- see above
  return process.env[NAME];
}

/** Was the PostgreSQL started for this run alone, and goes with it? */
export function isOwnServer(): boolean {
  // oxlint-disable-next-line no-process-env -- see above
  return process.env[IS_OWN] === 'yes';
}

/** Hands on the URL of a server that this run has started. */
export function handOnServerUrl(url: string): void {
  // oxlint-disable-next-line no-process-env -- see above
  Object.assign(process.env, { [NAME]: url, [IS_OWN]: 'yes' });
}
