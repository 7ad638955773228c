/** Which events a verb is about. */
export interface FilterOptions {
  readonly context?: string;
  readonly type?: string;
  readonly key?: string;
  readonly error?: string;
  /** RFC 3339. */
  readonly since?: string;
}

interface AnswerOptions {
  readonly url?: string;
  readonly json?: true;
}

interface ChangeOptions extends FilterOptions, AnswerOptions {
  readonly reason: string;
  readonly dryRun?: true;
}

export type ListOptions = FilterOptions & AnswerOptions & { readonly limit: number };
export type ShowOptions = AnswerOptions;
export type RedriveOptions = ChangeOptions & { readonly all?: true; readonly rate: number };
export type DiscardOptions = ChangeOptions;
