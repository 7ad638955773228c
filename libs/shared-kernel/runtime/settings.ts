import type { z } from 'zod';

/** What an app knows about itself that the settings of its contexts may depend on. */
export interface AppFacts {
  readonly production: boolean;
  /** The folder for what is kept outside of the databases. */
  readonly dataDir: string;
  /** `iss` and `aud` of the access tokens that the app accepts. */
  readonly issuer: string;
  readonly audience: string;
  /** Who becomes operator when there is none yet; undefined where nobody is named and none is made up. */
  readonly operator: { readonly email: string; readonly password: string } | undefined;
}

/** What a context wants to be told by whoever runs it: environment variables, and what becomes of them. */
export interface ContextSettings {
  /** The class that the context's own classes ask for in their constructors. */
  readonly token: abstract new () => unknown;
  readonly variables: z.ZodObject;
  /** A line for each way in which values that are right one by one do not fit together, or something is missing. */
  readonly problems: (given: never, app: Pick<AppFacts, 'production' | 'operator'>) => readonly string[];
  readonly read: (given: never, app: AppFacts) => unknown;
}

/**
 * Declares a context's settings. They leave with the context: whatever app runs it reads them from its environment,
 * refuses to start when they are wrong, and provides them under the token.
 */
export function defineSettings<Settings, Variables extends z.ZodObject>(token: abstract new () => Settings, parts: {
  readonly variables: Variables;
  readonly problems?: (given: z.output<Variables>, app: Pick<AppFacts, 'production' | 'operator'>) => readonly string[];
  readonly read: (given: z.output<Variables>, app: AppFacts) => Settings;
}): ContextSettings {
  return { token, problems: () => [], ...parts };
}

const DEFAULT_PASSWORDS = ['admin', 'banyan', 'change-me', 'changeme', 'guest', 'password', 'postgres', 'secret'];

/** Is it a password that everybody tries first? */
export function isWellKnownPassword(password: string | undefined): boolean {
  return password !== undefined && DEFAULT_PASSWORDS.some((it) => password.toLowerCase() === it || password.toLowerCase() === it.repeat(2));
}

/** Can the percent-encoding of this address be undone? */
export function isDecodable(url: string): boolean {
  try {
    return decodeURIComponent(url) !== '';
  } catch {
    return false;
  }
}
