import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export const GENERATED = 'docs/generated';
/** The folder in which every file is ours: what is left there of a context that is gone gets deleted. */
const PAGES = `${GENERATED}/contexts`;

/** Generated files: paths from the repository's root, and what is in them. */
export type Files = ReadonlyMap<string, string>;

/** A generated file, and how it compares with the one on disk. */
export interface Comparison {
  readonly file: string;
  readonly state: 'current' | 'stale' | 'missing' | 'stray';
}

export async function compare(root: string, files: Files): Promise<Comparison[]> {
  const wanted = await Promise.all([...files].map(async ([file, content]): Promise<Comparison> => {
    const found = await readFile(join(root, file), 'utf8').catch(unlessMissing);
    return { file, state: found === undefined ? 'missing' : found === content ? 'current' : 'stale' };
  }));
  const pages = await readdir(join(root, PAGES)).catch(unlessMissing) ?? [];
  const strays = pages.map((name) => `${PAGES}/${name}`).filter((file) => !files.has(file)).map((file): Comparison => ({ file, state: 'stray' }));
  return [...wanted, ...strays];
}

/** Makes the folder agree with the files. */
export async function write(root: string, files: Files, comparison: readonly Comparison[]): Promise<void> {
  for (const { file, state } of comparison) {
    if (state === 'current') continue;
    if (state === 'stray') {
      await rm(join(root, file));
      continue;
    }
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), files.get(file) ?? '');
  }
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
