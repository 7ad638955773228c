import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The root of the repository that this program belongs to, whether it runs from its sources or from dist/.
 * @throws Error when it was copied out of one
 */
export function repositoryRoot(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'libs', 'contexts'))) return folder;
    if (folder === dirname(folder)) throw new Error(`${import.meta.dirname} is not inside of a checkout: there is no package.json beside libs/contexts above it.`);
  }
}
