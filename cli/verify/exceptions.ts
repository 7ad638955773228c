import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Violation, type WallName, walls } from './violation.js';

const EXCEPTIONS = 'cli/verify/exceptions.json';

const exceptionSchema = z.strictObject({
  wall: z.enum(walls),
  /** A file, or a folder with a `/` at its end. */
  file: z.string().min(1),
  /** What a violation calls its `subject`. */
  subject: z.string().min(1),
  reason: z.string().min(20, 'A reason has at least 20 characters: whoever reads it wants to know whether it still holds.'),
});

/** A violation that is meant, and why. */
export type Exception = z.output<typeof exceptionSchema>;

/** @throws Error naming everything that is wrong with the file; without it, nothing is excepted */
export async function readExceptions(root: string): Promise<Exception[]> {
  const text = await readFile(join(root, EXCEPTIONS), 'utf8');
  const parsed = z.array(exceptionSchema).safeParse(JSON.parse(text));
  if (parsed.success) return parsed.data;
  throw new Error(`${EXCEPTIONS} cannot be read as a list of { wall, file, subject, reason }.\n${z.prettifyError(parsed.error)}`);
}

/** What is left after the exceptions, together with a violation for each exception that nothing needs any more. */
export function withoutExcepted(violations: readonly Violation[], exceptions: readonly Exception[], checked: readonly WallName[]): Violation[] {
  const needed = new Set<Exception>();
  const left = violations.filter((violation) => {
    const covering = exceptions.filter((it) => covers(it, violation));
    for (const it of covering) needed.add(it);
    return covering.length === 0;
  });
  const idle = exceptions.filter((it) => checked.includes(it.wall) && !needed.has(it));
  return [...left, ...idle.map(needless)];
}

function covers({ wall, file, subject }: Exception, violation: Violation): boolean {
  const isThere = file.endsWith('/') ? violation.file.startsWith(file) : violation.file === file;
  return isThere && wall === violation.wall && subject === violation.subject;
}

function needless({ wall, file, subject }: Exception): Violation {
  return {
    wall, rule: 'exception-needless', file: EXCEPTIONS, subject,
    problem: `The exception for "${subject}" in ${file} is not needed: there is no such violation.`,
    instead: 'Delete it: exceptions only ever shrink.',
  };
}
