import { accessSync, constants, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { ReplayOptions } from './replay.js';

/** What the command line and the environment ask for. */
export type Command =
  | { is: 'replay'; options: ReplayOptions }
  | { is: 'help' }
  | { is: 'bad'; problems: string[] };

/** How the command is used. */
export const USAGE = `Usage: npm run replay -- FILE.csv[.gz] [options]

Pushes real invoices through the shop's HTTP API and audits the books.

  --limit N            only the first N documents of the file
  --url URL            the shop (default: BANYAN_URL, else http://127.0.0.1:PORT, PORT 3000)
  --concurrency N      documents in flight (default 8)
  --rejects PATH       where rows that were not booked are listed (default: FILE.rejects.csv, here)
  --patience SECONDS   how long to wait for a shop that is away or stuck (default 120)
  --settle SECONDS     how long figures must stand still before they count as different (default 15)

The login is BANYAN_TOKEN, or ADMIN_EMAIL and ADMIN_PASSWORD, or the operator that "npm start" keeps
in DATA_DIR (.data). Run the same command again to resume: nothing is booked twice.
Exit: 0 the books agree, 1 they do not or the replay did not finish, 2 bad usage.`;

const count = (least: number, most: number) => {
  const message = `must be a whole number from ${least} to ${most}`;
  return z.string({ error: message }).regex(/^\d+$/, message).transform(Number).pipe(z.int(message).min(least, message).max(most, message));
};
const filled = z.string({ error: 'needs a value' }).min(1, 'must not be empty');
const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' });

const Config = z.strictObject({
  FILE: filled.refine(isReadable, { error: (issue) => `cannot be read: ${resolve(String(issue.input))}` }),
  '--limit': count(1, 1_000_000_000).optional(),
  '--url': webUrl.optional(),
  '--concurrency': count(1, 256).default(8),
  '--rejects': filled.optional(),
  '--patience': count(1, 86_400).default(120),
  '--settle': count(1, 3_600).default(15),
  BANYAN_URL: webUrl.optional(),
  PORT: count(1, 65_535).default(3000),
  DATA_DIR: filled.default('.data'),
  BANYAN_TOKEN: filled.optional(),
  ADMIN_EMAIL: filled.optional(),
  ADMIN_PASSWORD: filled.optional(),
});
const Operator = z.looseObject({ email: z.string().min(1), password: z.string().min(1) });

const FROM_ENVIRONMENT = ['BANYAN_URL', 'PORT', 'DATA_DIR', 'BANYAN_TOKEN', 'ADMIN_EMAIL', 'ADMIN_PASSWORD'] as const;

/** Reads the command line and the environment once; whatever is wrong with them is named at once. */
export function readCommand(args: readonly string[], environment: Readonly<Record<string, string | undefined>>): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: Object.fromEntries(
      ['limit', 'url', 'concurrency', 'rejects', 'patience', 'settle'].map((name) => [name, { type: 'string' as const }]),
    ),
  });
  if (values['help'] || values['h']) return { is: 'help' };
  const given: Record<string, unknown> = { FILE: positionals[0] };
  for (const [name, value] of Object.entries(values)) given[`--${name}`] = value;
  // An empty variable is how shells and compose files say "not set".
  for (const name of FROM_ENVIRONMENT) if (environment[name]) given[name] = environment[name];

  const surplus = positionals.slice(1).map((each) => `${each}: one file at a time`);
  const config = Config.safeParse(given);
  if (!config.success) return { is: 'bad', problems: [...config.error.issues.flatMap(asProblems), ...surplus] };
  if (surplus.length > 0) return { is: 'bad', problems: surplus };
  return asCommand(config.data);
}

function asCommand(config: z.infer<typeof Config>): Command {
  const { BANYAN_TOKEN: token, ADMIN_EMAIL: email, ADMIN_PASSWORD: password } = config;
  if ((email === undefined) !== (password === undefined)) {
    return { is: 'bad', problems: ['ADMIN_EMAIL and ADMIN_PASSWORD: give both or neither'] };
  }
  const login = email !== undefined && password !== undefined ? { email, password } : keptOperator(config.DATA_DIR);
  if (!token && !login) {
    const place = join(config.DATA_DIR, 'operator.json');
    return { is: 'bad', problems: [`no login: set BANYAN_TOKEN, or ADMIN_EMAIL and ADMIN_PASSWORD; ${place} is not there`] };
  }
  return {
    is: 'replay',
    options: {
      file: config.FILE,
      url: config['--url'] ?? config.BANYAN_URL ?? `http://127.0.0.1:${config.PORT}`,
      credentials: { token, login },
      limit: config['--limit'],
      concurrency: config['--concurrency'],
      rejects: config['--rejects'],
      patienceMs: config['--patience'] * 1000,
      settleMs: config['--settle'] * 1000,
    },
  };
}

/** The operator that a shop in development keeps beside its data. */
function keptOperator(dataDir: string): { email: string; password: string } | undefined {
  try {
    const operator = Operator.safeParse(JSON.parse(readFileSync(join(dataDir, 'operator.json'), 'utf8')));
    return operator.success ? operator.data : undefined;
  } catch {
    return undefined;
  }
}

function isReadable(file: string): boolean {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function asProblems(issue: z.core.$ZodIssue): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${key}: there is no such option`);
  return [`${issue.path.join('.')}: ${issue.message}`];
}
