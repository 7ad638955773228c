import { mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** A file of the repository as it is and as it is to be; undefined where there is none. */
export interface Change {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Why files cannot be changed as wished; `problems` has a line for each. */
export class CannotExtract extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** @returns undefined when there is no such file */
export async function contentOf(root: string, path: string): Promise<string | undefined> {
  return readFile(join(root, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Only what differs. */
export function isReal({ before, after }: Change): boolean {
  return before !== after;
}

export async function apply(root: string, changes: readonly Change[]): Promise<void> {
  for (const { path, after } of changes.filter(isReal)) {
    const file = join(root, path);
    if (after === undefined) {
      await rm(file);
      await rmdir(dirname(file)).catch(() => undefined); // stays when something else is in it
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, after);
  }
}

/** Puts the block before the line, unless it is there already. @throws CannotExtract when the line is not there, or the block is there but was changed */
export function withBlock(file: string, text: string, { block, before, title }: Block): string {
  if (text.includes(block)) return text;
  refuseChanged(file, text, title);
  const at = text.search(before);
  if (at < 0) throw new CannotExtract([`${file} has no line like ${before}, before which ${title.trim()} would go.`]);
  return text.slice(0, at) + block + text.slice(at);
}

/** @throws CannotExtract when the block is there but was changed */
export function withoutBlock(file: string, text: string, { block, title }: Block): string {
  if (text.includes(block)) return text.replace(block, '');
  refuseChanged(file, text, title);
  return text;
}

/** A part of a file that is written as a whole. */
export interface Block {
  readonly block: string;
  /** The line by which it is found. */
  readonly title: string;
  /** What it goes before. */
  readonly before: RegExp;
}

function refuseChanged(file: string, text: string, title: string): void {
  if (!text.split('\n').includes(title)) return;
  throw new CannotExtract([`${file} has "${title.trim()}" already, with other lines than this command writes. Compare them, and remove that part by hand if it may go.`]);
}
