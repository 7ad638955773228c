/** What a statement does to the version that runs while it is applied, and after. */
export interface Danger {
  /** Stable and kebab-case, so that scripts can tell one kind from another. */
  readonly rule: string;
  /**
   * `breaks`: what runs cannot go on; a migration that declares so may do it. `blocks`: everybody waits while a table is
   * read or rewritten, whatever was declared. `unclear`: nobody can tell, which does not count as safe.
   */
  readonly weight: 'breaks' | 'blocks' | 'unclear';
  /** What it does, in a sentence without its subject: `drops the column sku of item`. */
  readonly what: string;
  readonly instead: string;
}

/** A statement of a migration that must not be applied while an older version runs. */
export interface Breach extends Danger {
  /** The context, `facade`, `event-store` for what contexts may list, or `kernel` for what is in every context's schema. */
  readonly schema: string;
  readonly migration: string;
  readonly file: string;
  readonly line?: number | undefined;
}

export const breaks = (rule: string, what: string, instead: string): Danger => ({ rule, weight: 'breaks', what, instead });
export const blocks = (rule: string, what: string, instead: string): Danger => ({ rule, weight: 'blocks', what, instead });
export const unclear = (rule: string, what: string, instead: string): Danger => ({ rule, weight: 'unclear', what, instead });
