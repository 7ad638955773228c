import type { ContextDeclaration } from '../context/index.js';
import type { NamedUpstream } from '../facade/index.js';
import type { MonitoringAccess } from '../http/index.js';
import type { TracingSettings } from '../observability/index.js';
import { type AppFacts, isDecodable, isWellKnownPassword } from '../runtime/index.js';
import { z } from 'zod';

const databaseUrl = z.url({ protocol: /^postgres(ql)?$/, error: 'Has to look like postgres://user:password@host:5432/database.' });

const schema = z.object({
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  HOST: z.string().min(1).optional(),
  PORT: z.coerce.number({ error: 'Has to be a port number.' }).int().min(0).max(65_535).default(3000),
  DATA_DIR: z.string().min(1).default('.data'),
  DATABASE_URL: databaseUrl.optional(),
  EVENT_BUS: z.enum(['in-process', 'rabbitmq'], { error: 'Has to be "in-process" or "rabbitmq".' }).default('in-process'),
  AMQP_URL: z.url({ protocol: /^amqps?$/, error: 'Has to look like amqp://user:password@host:5672.' })
    .refine(isDecodable, 'Special characters in user and password have to be percent-encoded.').optional(),
  AMQP_NAMESPACE: z.string().regex(/^[a-z][a-z0-9-]{0,40}$/, 'Has to be lower-case letters, digits and "-", beginning with a letter.').default('banyan'),
  EVENT_STREAM_DAYS: z.coerce.number({ error: 'Has to be a number of days.' }).int('Has to be a whole number of days.').min(1, 'Has to be at least 1.').max(36_500, 'Has to be at most 36500.').optional(),
  REBUILD: z.string().optional(),
  REBUILD_PARTIAL: z.literal('accept', { error: 'Has to be "accept", or not set.' }).optional(),
  ADMIN_EMAIL: z.email({ error: 'Has to be an e-mail address.' }).optional(),
  ADMIN_PASSWORD: z.string().min(10, 'Has to have at least 10 characters.').max(200).optional(),
  UPSTREAMS: z.string().optional(),
  ADVERTISED_URL: z.url({ protocol: /^https?$/, error: 'Has to look like http://payments:3000.' }).optional(),
  AUTH_ISSUER: z.string().min(1).default('banyan'),
  AUTH_AUDIENCE: z.string().min(1).default('banyan-shop'),
  METRICS_TOKEN: z.string().regex(/^[\x21-\x7e]{20,200}$/, 'Has to have at least 20 characters, without spaces.').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'Has to look like http://127.0.0.1:4318.' }).optional(),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number({ error: 'Has to be a share, from 0 to 1.' }).min(0, 'Has to be at least 0.').max(1, 'Has to be at most 1.').default(1),
  TAPE_READS: z.coerce.number({ error: 'Has to be a share, from 0 to 1.' }).min(0, 'Has to be at least 0.').max(1, 'Has to be at most 1.').default(0.05),
  SHADOW_PURPOSE: z.enum(['shadow', 'control'], { error: 'Has to be "shadow" or "control".' }).default('shadow'),
  SHADOW_DATABASE_URL: databaseUrl.optional(),
  LOG_LEVEL: z.enum(['silent', 'fatal', 'error', 'warn', 'info', 'debug']).default('info'),
  /** Milliseconds since the epoch at which the launcher began, for the "ready in" line. */
  BANYAN_STARTED_AT: z.coerce.number().optional(),
});

type Environment = z.output<typeof schema>;
type Operator = AppFacts['operator'];

/** Everything an app can be told, read once. */
export interface AppConfig {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  readonly dataDir: string;
  /** Undefined: a PostgreSQL of our own under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Of contexts on a server of their own: `PAYMENTS_DATABASE_URL` and its like. */
  readonly contextDatabaseUrls: ReadonlyMap<string, string>;
  readonly eventBus: 'in-process' | 'rabbitmq';
  /** The broker: carries events with `rabbitmq`; with `in-process` only what earlier runs left there is fetched. */
  readonly amqpUrl: string | undefined;
  /** Begins the names of exchanges and queues, so that several apps can share a broker. */
  readonly amqpNamespace: string;
  /** Days for which the broker keeps every event; undefined: it does not. */
  readonly eventStreamDays: number | undefined;
  /** The context whose read model this start makes anew from the kept events. */
  readonly rebuild: { readonly context: string; readonly acceptsPartial: boolean } | undefined;
  /** Where other processes reach this one; its own address when undefined. */
  readonly advertisedUrl: string | undefined;
  /** Where apps answer, for those that are not to be asked themselves. */
  readonly upstreams: readonly NamedUpstream[];
  /** The first operator; undefined: made up and kept in `dataDir`, in development only. */
  readonly operator: Operator;
  readonly issuer: string;
  readonly audience: string;
  /** Who may read the metrics besides operators. */
  readonly monitoring: MonitoringAccess | undefined;
  /** Who collects the traces; undefined: nobody, and none are recorded. */
  readonly tracing: Omit<TracingSettings, 'service'> | undefined;
  /** Of the inputs that change nothing, the share that is written down while a context is in shadow. */
  readonly tapeReads: number;
  /** What an extracted app plays tapes for, and the server for the copies; undefined: the one of the context. */
  readonly shadow: { readonly purpose: 'shadow' | 'control'; readonly databaseUrl: string | undefined };
  /** What of the environment processes may know that this one starts: nothing secret, and no way to anybody. */
  readonly open: Readonly<Record<string, string>>;
  readonly logLevel: Environment['LOG_LEVEL'];
  readonly launchedAt: number | undefined;
  /** What the contexts asked to be told, under the tokens they asked for it with. */
  settings(operator: Operator): readonly { readonly provide: abstract new () => unknown; readonly useValue: unknown }[];
}

/** The settings are wrong; `problems` has a line for each of them. */
export class InvalidConfiguration extends Error {
  constructor(readonly problems: readonly string[]) {
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map((it) => `  - ${it}`).join('\n')}\nCorrect the environment variables named above and start again.`);
  }
}

/**
 * Reads what the app and its contexts want to know from the environment.
 * @throws InvalidConfiguration naming every problem at once
 */
export function readConfig(environment: NodeJS.ProcessEnv, contexts: readonly ContextDeclaration[]): AppConfig {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const whole = contexts.reduce<z.ZodObject>((known, { settings }) => (settings ? known.extend(settings.variables.shape) : known), schema.extend({ ...contextUrls(contexts), REBUILD: rebuildable(contexts) }));
  const parsed = whole.safeParse(given);
  if (!parsed.success) throw new InvalidConfiguration(parsed.error.issues.map((it) => `${it.path.join('.')}: ${it.message} (it is ${shown(it.path.join('.'), given)})`));
  const env = parsed.data as Environment;
  const problems = [...inconsistencies(env, databaseUrls(contexts, given)), ...contexts.flatMap(({ settings }) => settings?.problems(parsed.data as never, { production: isProduction(env), operator: operatorOf(env) }) ?? [])];
  if (problems.length > 0) throw new InvalidConfiguration(problems);
  return configOf(env, given, contexts, parsed.data);
}

function contextUrls(contexts: readonly ContextDeclaration[]): Record<string, z.ZodOptional<z.ZodURL>> {
  return Object.fromEntries(contexts.map((it) => [urlVariable(it), databaseUrl.optional()]));
}

/** Only contexts whose tables follow from events can be made anew from the event stream. */
function rebuildable(contexts: readonly ContextDeclaration[]): z.ZodType<string | undefined> {
  const names = contexts.flatMap(({ name, readModel }) => (readModel ? [name] : []));
  return z.enum(names, { error: names.length > 0 ? `Has to name a context whose tables are a read model: ${names.join(', ')}.` : 'No context of this app is a read model.' }).optional();
}

function urlVariable({ name }: ContextDeclaration): string {
  return `${name.toUpperCase()}_DATABASE_URL`;
}

function databaseUrls(contexts: readonly ContextDeclaration[], given: NodeJS.ProcessEnv): [name: string, url: string | undefined][] {
  return ['DATABASE_URL', ...contexts.map(urlVariable)].map((name) => [name, given[name]]);
}

/** Secrets are never repeated, not even wrong ones. */
function shown(name: string, given: NodeJS.ProcessEnv): string {
  return /PASSWORD|SECRET|TOKEN|URL|ENDPOINT/.test(name) ? 'not shown' : JSON.stringify(given[name]);
}

function inconsistencies(env: Environment, urls: readonly [name: string, url: string | undefined][]): string[] {
  const production = isProduction(env);
  const rules: [boolean, string][] = [
    [(env.ADMIN_EMAIL === undefined) !== (env.ADMIN_PASSWORD === undefined), 'ADMIN_EMAIL and ADMIN_PASSWORD: set both, or in development neither.'],
    [env.EVENT_BUS === 'rabbitmq' && !env.AMQP_URL, 'AMQP_URL: needed with EVENT_BUS=rabbitmq. (npm start finds or starts a RabbitMQ by itself.)'],
    [env.EVENT_STREAM_DAYS !== undefined && env.EVENT_BUS !== 'rabbitmq', 'EVENT_STREAM_DAYS: the event stream is kept by RabbitMQ; set EVENT_BUS=rabbitmq too, or leave it out.'],
    [env.REBUILD !== undefined && !(env.EVENT_BUS === 'rabbitmq' && env.EVENT_STREAM_DAYS), 'REBUILD: needs EVENT_BUS=rabbitmq and EVENT_STREAM_DAYS: read models are rebuilt from the event stream.'],
    ...upstreamsOf(env).map(({ word, url }): [boolean, string] => [url === '', `UPSTREAMS: "${word}" is not like payments=http://payments:3000. Several are separated by spaces.`]),
    [env.REBUILD_PARTIAL !== undefined && env.REBUILD === undefined, 'REBUILD_PARTIAL: says how to do what REBUILD asks for; set that too, or leave it out.'],
    [production && !env.DATABASE_URL, 'DATABASE_URL: needed in production; the embedded database is for development.'],
    [production && env.AMQP_URL !== undefined && isWellKnownPassword(passwordOf(env.AMQP_URL) || 'guest'), 'AMQP_URL: its password is a well-known default (without one, RabbitMQ\'s clients take "guest"); choose another.'],
    [production && isWellKnownPassword(env.ADMIN_PASSWORD), 'ADMIN_PASSWORD: is a well-known default; choose another.'],
    ...urls.map(([name, url]): [boolean, string] => [production && isWellKnownPassword(passwordOf(url)), `${name}: its password is a well-known default; choose another.`]),
  ];
  return rules.flatMap(([broken, problem]) => (broken ? [problem] : []));
}

function passwordOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : decodeURIComponent(new URL(url).password);
}

function isProduction(env: Environment): boolean {
  return env.NODE_ENV === 'production';
}

function operatorOf({ ADMIN_EMAIL: email, ADMIN_PASSWORD: password }: Environment): Operator {
  return email && password ? { email, password } : undefined;
}

function configOf(env: Environment, given: NodeJS.ProcessEnv, contexts: readonly ContextDeclaration[], all: Record<string, unknown>): AppConfig {
  const production = isProduction(env);
  const facts = { production, dataDir: env.DATA_DIR, issuer: env.AUTH_ISSUER, audience: env.AUTH_AUDIENCE };
  return {
    ...facts,
    host: env.HOST ?? (production ? '0.0.0.0' : '127.0.0.1'),
    port: env.PORT,
    databaseUrl: env.DATABASE_URL,
    contextDatabaseUrls: new Map(contexts.flatMap((it): [string, string][] => {
      const url = given[urlVariable(it)];
      return url === undefined ? [] : [[it.name, url]];
    })),
    eventBus: env.EVENT_BUS,
    amqpUrl: env.AMQP_URL,
    amqpNamespace: env.AMQP_NAMESPACE,
    eventStreamDays: env.EVENT_STREAM_DAYS,
    rebuild: env.REBUILD === undefined ? undefined : { context: env.REBUILD, acceptsPartial: env.REBUILD_PARTIAL === 'accept' },
    advertisedUrl: env.ADVERTISED_URL,
    upstreams: upstreamsOf(env),
    operator: operatorOf(env),
    monitoring: monitoringOf(env),
    tracing: env.OTEL_EXPORTER_OTLP_ENDPOINT === undefined ? undefined : { endpoint: env.OTEL_EXPORTER_OTLP_ENDPOINT, ratio: env.OTEL_TRACES_SAMPLER_ARG },
    open: withoutSecrets(given),
    tapeReads: env.TAPE_READS,
    shadow: { purpose: env.SHADOW_PURPOSE, databaseUrl: env.SHADOW_DATABASE_URL },
    logLevel: env.LOG_LEVEL,
    launchedAt: env.BANYAN_STARTED_AT,
    settings: (operator) => contexts.flatMap(({ settings }) => (settings ? [{ provide: settings.token, useValue: settings.read(all as never, { ...facts, operator }) }] : [])),
  };
}

const SECRETS = /SECRET|TOKEN|PASSWORD|KEY|URL|ENDPOINT|CREDENTIAL/;

function withoutSecrets(given: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(Object.entries(given).flatMap(([name, value]) => (value === undefined || SECRETS.test(name) ? [] : [[name, value]])));
}

/** What a context is told where it only does again what it did elsewhere: it needs no secret there, and nothing is missing. */
export function contextSettings({ settings }: ContextDeclaration, environment: NodeJS.ProcessEnv): { readonly provide: abstract new () => unknown; readonly useValue: unknown }[] {
  if (!settings) return [];
  const given = settings.variables.partial().parse(environment);
  return [{ provide: settings.token, useValue: settings.read(given as never, { production: false, dataDir: String(environment['DATA_DIR'] ?? '.data'), issuer: 'tape', audience: 'shadow', operator: undefined }) }];
}

const UPSTREAM = /^(?<app>[a-z][a-z0-9_]*)=(?<url>https?:\/\/[^\s/]+)\/?$/;

/** The upstreams as they are written down, each with its word; one that cannot be read has an empty address. */
function upstreamsOf({ UPSTREAMS = '' }: Environment): (NamedUpstream & { readonly word: string })[] {
  return UPSTREAMS.split(/\s+/).filter((it) => it !== '').map((word) => {
    const { app = '', url = '' } = UPSTREAM.exec(word)?.groups ?? {};
    return { word, app, url: URL.canParse(url) ? url : '' };
  });
}

/** On a developer's machine everybody is at home. In production a proxy beside the app would make the whole world look so. */
function monitoringOf(env: Environment): MonitoringAccess | undefined {
  if (env.METRICS_TOKEN) return { is: 'token', token: env.METRICS_TOKEN };
  return isProduction(env) ? undefined : { is: 'local' };
}
