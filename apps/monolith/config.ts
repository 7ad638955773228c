import { join } from 'node:path';
import type { MonitoringAccess } from '@banyan/kernel/http';
import { z } from 'zod';
import { contexts } from './contexts.js';

const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'Has to look like postgres://user:password@host:5432/database.' });
/** Without options behind a question mark: they could turn off what protects the password. */
const smtpUrl = z.url({ protocol: /^smtps?$/, error: 'Has to look like smtp://user:password@host:587.' })
  .refine((url) => /^smtps?:\/\/(?:[^/?#]*@)?[^/?#@]+\/?$/.test(url) && isDecodable(url), 'Has a host, perhaps user and password (percent-encoded) and a port, and nothing else.');
const DEFAULT_PASSWORDS = ['admin', 'banyan', 'change-me', 'changeme', 'guest', 'password', 'postgres', 'secret'];

/** `PAYMENTS_DATABASE_URL` and its like: a context on a server of its own. */
const contextUrls = Object.fromEntries(contexts.map(({ name }) => [`${name.toUpperCase()}_DATABASE_URL`, databaseUrl.optional()]));

const databaseUrls = ['DATABASE_URL', ...Object.keys(contextUrls)];

const schema = z.object({
  ...contextUrls,
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().min(1).optional(),
  PORT: z.coerce.number({ error: 'Has to be a port number.' }).int().min(0).max(65_535).default(3000),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: databaseUrl.optional(),
  EVENT_BUS: z.enum(['in-process', 'rabbitmq'], { error: 'Has to be "in-process" or "rabbitmq".' }).default('in-process'),
  AMQP_URL: z.url({ protocol: /^amqps?$/, error: 'Has to look like amqp://user:password@host:5672.' })
    .refine(isDecodable, 'Special characters in user and password have to be percent-encoded.').optional(),
  AMQP_NAMESPACE: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'Has to be lower-case letters, digits and "-", beginning with a letter.').default('banyan'),
  ADMIN_EMAIL: z.email({ error: 'Has to be an e-mail address.' }).optional(),
  ADMIN_PASSWORD: z.string().min(10, 'Has to have at least 10 characters.').max(200).optional(),
  AUTH_ISSUER: z.string().min(1).default('banyan'),
  AUTH_AUDIENCE: z.string().min(1).default('banyan-shop'),
  CARD_PROCESSOR: z.enum(['test', 'stripe']).optional(),
  STRIPE_SECRET_KEY: z.string().min(1).optional(),
  STRIPE_API_URL: z.url().optional(),
  SMTP_URL: smtpUrl.optional(),
  MAIL_FROM: z.email({ error: 'Has to be an e-mail address.' }).optional(),
  METRICS_TOKEN: z.string().regex(/^[\x21-\x7e]{20,200}$/, 'Has to have at least 20 characters, without spaces.').optional(),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  /** Milliseconds since the epoch at which the launcher began, for the "ready in" line. */
  BANYAN_STARTED_AT: z.coerce.number().optional(),
});

type Environment = z.output<typeof schema>;

/** Everything the app can be told, read once. */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Undefined: a PostgreSQL of our own under `dataDir`. */
  readonly databaseUrl: string | undefined;
  readonly eventBus: 'in-process' | 'rabbitmq';
  /** The broker: carries events with `rabbitmq`; with `in-process` only what earlier runs left there is fetched. */
  readonly amqpUrl: string | undefined;
  /** Begins the names of exchanges and queues, so that several shops can share a broker. */
  readonly amqpNamespace: string;
  readonly contextDatabaseUrls: ReadonlyMap<string, string>;
  /** The first operator; undefined: made up and kept in `dataDir`, in development only. */
  readonly operator: { readonly email: string; readonly password: string } | undefined;
  readonly issuer: string;
  readonly audience: string;
  readonly cards: { readonly processor: 'test' } | { readonly processor: 'stripe'; readonly secretKey: string; readonly apiUrl: string | undefined };
  /** Where mail comes from, and the server that takes it; undefined: it is put into `folder`, in development only. */
  readonly mail: { readonly from: string; readonly smtpUrl: string | undefined; readonly folder: string };
  /** Who may read the metrics besides operators. */
  readonly monitoring: MonitoringAccess | undefined;
  readonly logLevel: Environment['LOG_LEVEL'];
  readonly launchedAt: number | undefined;
}

/** The settings are wrong; `problems` has a line for each of them. */
export class InvalidConfiguration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((it) => `  - ${it}`).join('\n')}\nCorrect the environment variables named above and start again.`);
  }
}

/**
 * Reads the environment.
 * @throws InvalidConfiguration naming every problem at once
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  const problems = parsed.success
    ? inconsistencies(parsed.data, given)
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message} (it is ${shown(issue.path.join('.'), given)})`);
  if (!parsed.success || problems.length > 0) throw new InvalidConfiguration(problems);
  return configOf(parsed.data, given);
}

/** Secrets are never repeated, not even wrong ones. */
function shown(name: string, given: NodeJS.ProcessEnv): string {
  return /PASSWORD|SECRET|TOKEN|URL/.test(name) ? 'not shown' : JSON.stringify(given[name]);
}

function inconsistencies(env: Environment, given: NodeJS.ProcessEnv): string[] {
  const production = env.NODE_ENV === 'production';
  const rules: [boolean, string][] = [
    [(env.ADMIN_EMAIL === undefined) !== (env.ADMIN_PASSWORD === undefined), 'ADMIN_EMAIL and ADMIN_PASSWORD: set both, or in development neither.'],
    [env.EVENT_BUS === 'rabbitmq' && !env.AMQP_URL, 'AMQP_URL: needed with EVENT_BUS=rabbitmq. (npm start finds or starts a RabbitMQ by itself.)'],
    [env.CARD_PROCESSOR === 'stripe' && !env.STRIPE_SECRET_KEY, 'STRIPE_SECRET_KEY: needed with CARD_PROCESSOR=stripe.'],
    [production && !env.DATABASE_URL, 'DATABASE_URL: needed in production; the embedded database is for development.'],
    [production && !env.ADMIN_PASSWORD, 'ADMIN_EMAIL, ADMIN_PASSWORD: needed in production; nothing is made up there.'],
    [production && !env.CARD_PROCESSOR, 'CARD_PROCESSOR: say "stripe" or "test" in production; the test processor charges nobody, so it is no default there.'],
    [production && !(env.SMTP_URL && env.MAIL_FROM), 'SMTP_URL, MAIL_FROM: needed in production; putting mail into a folder is for development.'],
    [production && env.AMQP_URL !== undefined && isDefault(passwordOf(env.AMQP_URL) || 'guest'), 'AMQP_URL: its password is a well-known default (without one, RabbitMQ\'s clients take "guest"); choose another.'],
    [production && isDefault(env.ADMIN_PASSWORD), 'ADMIN_PASSWORD: is a well-known default; choose another.'],
    ...databaseUrls.map((name): [boolean, string] => [
      production && isDefault(passwordOf(given[name])), `${name}: its password is a well-known default; choose another.`,
    ]),
  ];
  return rules.flatMap(([broken, problem]) => (broken ? [problem] : []));
}

function isDefault(password: string | undefined): boolean {
  return password !== undefined && DEFAULT_PASSWORDS.some((it) => password.toLowerCase() === it || password.toLowerCase() === it.repeat(2));
}

function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== '';
  } catch {
    return false;
  }
}

function passwordOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : decodeURIComponent(new URL(url).password);
}

function configOf(env: Environment, given: NodeJS.ProcessEnv): Config {
  const urls = contexts.flatMap(({ name }): [string, string][] => {
    const url = given[`${name.toUpperCase()}_DATABASE_URL`];
    return url === undefined ? [] : [[name, url]];
  });
  return {
    production: env.NODE_ENV === 'production',
    host: env.HOST ?? (env.NODE_ENV === 'production' ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL,
    eventBus: env.EVENT_BUS,
    amqpUrl: env.AMQP_URL,
    amqpNamespace: env.AMQP_NAMESPACE,
    contextDatabaseUrls: new Map(urls),
    operator: env.ADMIN_EMAIL && env.ADMIN_PASSWORD ? { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD } : undefined,
    issuer: env.AUTH_ISSUER,
    audience: env.AUTH_AUDIENCE,
    cards: env.CARD_PROCESSOR === 'stripe'
      ? { processor: 'stripe', secretKey: env.STRIPE_SECRET_KEY ?? '', apiUrl: env.STRIPE_API_URL }
      : { processor: 'test' },
    mail: { from: env.MAIL_FROM ?? 'shop@shop.example', smtpUrl: env.SMTP_URL, folder: join(env.DATA_DIR, 'mail') },
    monitoring: monitoringOf(env),
    logLevel: env.LOG_LEVEL,
    launchedAt: env.BANYAN_STARTED_AT,
  };
}

/** On a developer's machine everybody is at home. In production a proxy beside the shop would make the whole world look so. */
function monitoringOf(env: Environment): MonitoringAccess | undefined {
  if (env.METRICS_TOKEN) return { is: 'token', token: env.METRICS_TOKEN };
  return env.NODE_ENV === 'production' ? undefined : { is: 'local' };
}
