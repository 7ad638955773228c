/** Where a wrong field stands and what is wrong with it; `path` is a JSON pointer such as `/lines/0/sku`. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
}

/** One row of the error catalogue. */
export interface ErrorDefinition {
  /** Stable, kebab-case, unique in the whole system; scripts rely on it. */
  readonly code: string;
  /** HTTP status that this error becomes at the edge. */
  readonly http: number;
  /** gRPC status name that this error becomes on an internal call. */
  readonly grpc: string;
  /** May the same request, sent again later, succeed? */
  readonly retryable: boolean;
  /** What happened in general, and what to do next. */
  readonly help: string;
}

/** The base of every error that is part of the product: a code, a message for people, details for programs. */
export class BanyanError extends Error {
  constructor(
    readonly definition: ErrorDefinition,
    message: string,
    readonly details: Readonly<Record<string, unknown>> = {},
    readonly fields: readonly FieldProblem[] = [],
  ) {
    super(message);
    this.name = definition.code;
  }

  get code(): string {
    return this.definition.code;
  }
}

/** A catalogued error: `throw new OutOfStock('Only 2 of B-1 are left.', { sku, available })`. */
export interface ErrorClass {
  readonly definition: ErrorDefinition;
  new (message: string, details?: Readonly<Record<string, unknown>>, fields?: readonly FieldProblem[]): BanyanError;
}

const catalogue = new Map<string, ErrorClass>();

/**
 * Adds an error to the catalogue and returns its class.
 * @throws Error when another definition has taken the code
 */
export function defineError(definition: ErrorDefinition): ErrorClass {
  const known = catalogue.get(definition.code);
  if (known && JSON.stringify(known.definition) !== JSON.stringify(definition)) {
    throw new Error(`The error code "${definition.code}" is defined twice, with different meanings. Rename one of them.`);
  }
  const errorClass = class extends BanyanError {
    static readonly definition = definition;
    constructor(message: string, details: Readonly<Record<string, unknown>> = {}, fields: readonly FieldProblem[] = []) {
      super(definition, message, details, fields);
    }
  };
  catalogue.set(definition.code, errorClass);
  return errorClass;
}

/** The whole catalogue, sorted by code. */
export function allErrors(): ErrorClass[] {
  return [...catalogue.values()].sort((a, b) => a.definition.code.localeCompare(b.definition.code));
}

