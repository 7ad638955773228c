/** Names of fields whose values never reach a log, at whatever place of a line they stand. */
export const SECRET_FIELDS: readonly string[] = [
  'authorization', 'cookie', 'set-cookie', 'password', 'secret', 'token', 'accessToken', 'refreshToken', 'apiKey',
];
