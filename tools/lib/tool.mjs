import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

/** The root of the repository, without a trailing slash. */
export const root = fileURLToPath(new URL('../../', import.meta.url)).replace(/[\\/]$/, '');

/** A path inside the repository. */
export const at = (...parts) => join(root, ...parts);

/** Tells the person at the terminal what is going on; stdout stays free for the program's own output. */
export const say = (line) => process.stderr.write(`${line}\n`);

/** Ends a tool with one sentence about what went wrong and what to do, without a stack trace. */
export class Stop extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** Runs a tool's main function and turns its result, or its `Stop`, into the exit code. */
export async function main(tool) {
  try {
    process.exit(await tool());
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    if (error.message) say(error.message);
    process.exit(error.exitCode);
  }
}
