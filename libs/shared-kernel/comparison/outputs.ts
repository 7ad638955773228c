/** What one input did, as one side saw it. JSON values only. */
export interface Outputs {
  /** Undefined when it is not known: it is then not compared. */
  readonly response: ObservedResponse | undefined;
  /** In the order of their commits. */
  readonly transactions: readonly ObservedTransaction[];
  /** In the order in which they were made. */
  readonly calls: readonly OutboundCall[];
}

export type ObservedResponse =
  | { readonly is: 'http'; readonly status: number; readonly headers: Readonly<Record<string, string>>; readonly body: unknown }
  /** `value` is undefined when nothing was returned. */
  | { readonly is: 'returned'; readonly value: unknown }
  | { readonly is: 'refused'; readonly code: string; readonly message: string; readonly details?: unknown };

/** What one transaction committed. */
export interface ObservedTransaction {
  readonly events: readonly EmittedEvent[];
  readonly rows: readonly WrittenRow[];
}

export interface EmittedEvent {
  readonly eventId: string;
  readonly eventType: string;
  readonly eventVersion: number;
  readonly occurredAt: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  readonly correlationId: string;
  readonly causationId: string;
  readonly payload: unknown;
}

export interface WrittenRow {
  readonly table: string;
  readonly change: 'inserted' | 'updated' | 'deleted';
  /** As it was after the change, or before it when the row was deleted. */
  readonly row: Readonly<Record<string, unknown>>;
}

export interface OutboundCall {
  /** `CardProcessor.authorize`, where `input` is the list of arguments, or `catalog.price-products`. */
  readonly name: string;
  readonly input: unknown;
  /** The idempotency key that went with it. */
  readonly key?: string;
}

/** The columns that identify a row, per table. */
export type Keys = Readonly<Record<string, readonly string[]>>;
