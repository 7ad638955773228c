/** An error as it is logged. */
interface ReadableError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: ReadableError;
}

const CAUSES = 5;

/**
 * An error's name, code, message, stack and causes, and nothing else of it: database drivers hang the
 * statement's parameters on their errors, HTTP clients the headers that were sent.
 */
export function readableError(error: unknown, causes = CAUSES): ReadableError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    ...(typeof code === 'string' ? { code } : {}),
    ...(error.stack === undefined ? {} : { stack: error.stack }),
    ...(error.cause !== undefined && causes > 0 ? { cause: readableError(error.cause, causes - 1) } : {}),
  };
}
