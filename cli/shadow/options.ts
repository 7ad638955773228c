interface AnswerOptions {
  readonly url?: string;
  readonly json?: true;
}

/** What was typed after `banyan shadow report`. */
export interface ReportOptions extends AnswerOptions {
  readonly epsilon?: number;
  /** A file for the report as a page. */
  readonly html?: string;
}

export type ShowOptions = AnswerOptions;

export interface WaiveOptions extends AnswerOptions {
  readonly owner?: string;
  readonly reason?: string;
  /** RFC 3339. */
  readonly expires?: string;
  /** An endpoint that was never compared. */
  readonly uncovered?: string;
  /** Id of a waiver. */
  readonly end?: string;
}

export interface ExportOptions extends Pick<AnswerOptions, 'url'> {
  readonly out?: string;
}
