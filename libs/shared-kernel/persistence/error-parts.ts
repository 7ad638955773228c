/**
 * The `code` of an error of Node or of a driver. Looks at the shape, not at the class: errors of Node's own modules
 * are of another class wherever code runs in a realm of its own, as it does under Jest.
 */
export function codeOf(error: unknown): string | undefined {
  return isObject(error) && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return isObject(error) && 'message' in error ? String(error.message) : String(error);
}

/** The system call that failed, for errors of the operating system. */
export function systemCallOf(error: unknown): string | undefined {
  return isObject(error) && 'syscall' in error && typeof error.syscall === 'string' ? error.syscall : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
