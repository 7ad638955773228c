import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Snapshot, snapshotSchema } from './snapshot.js';

/** Where the last release of a context's contract lies, from the repository's root: it leaves the house with its context. */
export function releasedFile(context: string): string {
  return `libs/contexts/${context}/contract/released.json`;
}

/**
 * The last release; undefined when there was none.
 * @throws Error when the file is there and is no release of this context
 */
export async function readReleased(root: string, context: string): Promise<Snapshot | undefined> {
  const file = releasedFile(context);
  const text = await readFile(join(root, file), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const parsed = snapshotSchema.safeParse(jsonIn(text));
  if (!parsed.success) throw new Error(`${file} does not hold a released contract: ${z.prettifyError(parsed.error)}. Take it back from the version control: it is what was promised.`);
  if (parsed.data.contract !== context) throw new Error(`${file} holds the release of "${parsed.data.contract}". Take the right one back from the version control.`);
  return parsed.data;
}

export async function writeReleased(root: string, snapshot: Snapshot): Promise<void> {
  await writeFile(join(root, releasedFile(snapshot.contract)), textOf(snapshot));
}

/** The file of a snapshot; equal texts are equal promises. */
export function textOf(snapshot: Snapshot): string {
  return `${JSON.stringify(snapshot, null, 2)}\n`;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
