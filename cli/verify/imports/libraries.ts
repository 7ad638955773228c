import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What npm installs, by when it is there. */
export interface Libraries {
  /** Delivered with the product. */
  readonly product: ReadonlySet<string>;
  /** At hand for development and tests alone. */
  readonly development: ReadonlySet<string>;
}

const names = z.record(z.string(), z.string()).default({});
const manifestSchema = z.object({ dependencies: names, devDependencies: names });

/** @throws Error when there is no package.json at the root, or it has another form */
export async function readLibraries(root: string): Promise<Libraries> {
  const { dependencies, devDependencies } = manifestSchema.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  return { product: new Set(Object.keys(dependencies)), development: new Set(Object.keys(devDependencies)) };
}
