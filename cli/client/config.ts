import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** Where the product answers, and how the command line shows who it is. */
export interface Connection {
  readonly url: string;
  /** A ready access token; it is used first. */
  readonly token: string | undefined;
  readonly login: { readonly email: string; readonly password: string } | undefined;
}

const filled = z.string().min(1);
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });
const environmentSchema = z.object({
  BANYAN_URL: webUrl.optional(),
  PORT: z.coerce.number('must be a port number').int('must be a port number').min(1, 'must be a port number').max(65_535, 'must be a port number').default(3000),
  DATA_DIR: filled.default('.data'),
  BANYAN_TOKEN: filled.optional(),
  ADMIN_EMAIL: filled.optional(),
  ADMIN_PASSWORD: filled.optional(),
});
const operatorSchema = z.object({ email: filled, password: filled });

/** What every verb that talks to a running app says about it in its help. */
export const CONNECTION_HELP = `It talks to BANYAN_URL (default http://127.0.0.1:PORT, PORT 3000) as whoever BANYAN_TOKEN belongs to; without one it signs
in with ADMIN_EMAIL and ADMIN_PASSWORD, or as the operator that "npm start" keeps in DATA_DIR (.data).`;

/**
 * Reads where to connect to.
 * @param url takes the place of what the environment says
 * @throws Error naming every variable that is wrong, or that there is no way to sign in
 */
export function connectionOf(environment: Readonly<Record<string, string | undefined>> = process.env, url?: string): Connection {
  // An empty variable is how shells and compose files say "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const read = environmentSchema.safeParse({ ...given, ...(url !== undefined && { BANYAN_URL: url }) });
  if (!read.success) throw new Error(read.error.issues.map(({ path, message }) => `${path.join('.')} ${message}.`).join('\n'));
  const { BANYAN_URL, PORT, DATA_DIR, BANYAN_TOKEN: token, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = read.data;
  const login = email !== undefined && password !== undefined ? { email, password } : keptOperator(DATA_DIR);
  if (token === undefined && login === undefined) {
    throw new Error(`There is nobody to sign in as: set BANYAN_TOKEN, or ADMIN_EMAIL and ADMIN_PASSWORD. (${join(DATA_DIR, 'operator.json')}, where a shop in development keeps its operator, is not there.)`);
  }
  return { url: BANYAN_URL ?? `http://127.0.0.1:${PORT}`, token, login };
}

function keptOperator(dataDir: string): Connection['login'] {
  try {
    return operatorSchema.parse(JSON.parse(readFileSync(join(dataDir, 'operator.json'), 'utf8')));
  } catch {
    return undefined;
  }
}
