import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { allErrors } from '@banyan/kernel/contract';
import { asyncApiFile } from '../contracts/index.js';
import { type House, declarationsOf, isKernelRoom, loadKernelRoom, repositoryRoot } from '../house/index.js';
import { contextMap } from './context-map.js';
import { contextPage } from './context-page.js';
import { errorPage } from './error-page.js';
import { type Files, GENERATED } from './folder.js';
import { houseMap } from './house-map.js';

/**
 * Everything that is drawn from the code.
 * @throws Error when the declaration of a context cannot be read: a map without it would be wrong
 */
export async function drawings(house: House): Promise<Files> {
  const unreadable = house.contexts.filter(({ trouble }) => trouble !== undefined);
  if (unreadable.length > 0) throw new Error(unreadable.map(({ folder, trouble }) => `${folder} cannot be drawn: ${trouble}`).join('\n'));
  await loadErrors();
  const declarations = declarationsOf(house);
  return new Map([
    [`${GENERATED}/house-map.txt`, houseMap(house)],
    [`${GENERATED}/context-map.md`, contextMap(declarations)],
    ...declarations.map((it) => [`${GENERATED}/contexts/${it.name}.md`, contextPage(it, declarations)] as const),
    [`${GENERATED}/asyncapi.yaml`, await asyncApiFile(house.root, declarations)],
    [`${GENERATED}/errors.md`, errorPage(allErrors().map(({ definition }) => definition))],
  ]);
}

/** Errors are known once their room is loaded. */
async function loadErrors(): Promise<void> {
  const rooms = await readdir(join(repositoryRoot(), 'libs', 'shared-kernel'), { withFileTypes: true });
  await Promise.all(rooms.filter((it) => it.isDirectory() && isKernelRoom(it.name) && it.name !== 'testing').map((it) => loadKernelRoom(it.name)));
}
