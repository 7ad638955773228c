import { connect } from 'amqplib';

/** @returns why this broker cannot be used, in words without its password; undefined when it can */
export async function whyNotUsable(url: string): Promise<string | undefined> {
  try {
    const connection = await connect(url, { timeout: 3_000 });
    connection.on('error', () => undefined);
    await connection.close();
    return undefined;
  } catch (error) {
    return `${reasonOf(error)}.`;
  }
}

/** Node's refusals of several addresses at once have no message of their own. Their class may be one of another realm. */
function reasonOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('errors' in error && Array.isArray(error.errors)) return reasonOf(error.errors[0]);
  return 'message' in error ? String(error.message) : String(error);
}
