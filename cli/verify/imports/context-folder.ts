import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ContextOnDisk, type House } from '../../house/index.js';
import type { Violation } from '../violation.js';

const EXPORTS = { '.': './index.ts', './contract': './contract/index.ts' };

/** What the folder of every context has to be: a package whose exports are the wall, hosted by some app. */
export async function contextFolderViolations(house: House): Promise<Violation[]> {
  const manifests = await Promise.all(house.contexts.map((it) => manifestViolations(house.root, it)));
  return [...manifests.flat(), ...house.contexts.flatMap((it) => homeless(house, it))];
}

async function manifestViolations(root: string, { name, folder }: ContextOnDisk): Promise<Violation[]> {
  const file = `${folder}/package.json`;
  const manifest = await readFile(join(root, file), 'utf8').then((text): unknown => JSON.parse(text)).catch(() => undefined);
  const { name: called, exports } = { name: undefined, exports: undefined, ...(typeof manifest === 'object' ? manifest : {}) };
  const problems = [
    ...(called === `@banyan/${name}` ? [] : [`${file} does not name the package @banyan/${name}, so others cannot import it by its name.`]),
    ...(JSON.stringify(exports) === JSON.stringify(EXPORTS) ? [] : [`${file} does not export exactly "." and "./contract", so the module system does not keep the rest of ${name} closed.`]),
  ];
  return problems.map((problem) => complaint(file, 'package-exports', problem, `Write "name": "@banyan/${name}" and "exports": ${JSON.stringify(EXPORTS)}.`));
}

/** A context that no app names is forgotten: nothing starts it, and nothing would notice that it broke. */
function homeless({ arrows }: House, { name, folder }: ContextOnDisk): Violation[] {
  const isHosted = arrows.some(({ room, target }) => room?.kind === 'app' && !room.isTest && target.is === 'file' && target.path === `${folder}/index.ts`);
  if (isHosted) return [];
  return [complaint(`${folder}/index.ts`, 'context-without-app', `No app hosts ${name}.`, `Add it to the contexts of an app: import { ${name} } from '@banyan/${name}'. If it is not wanted any more, delete its folder.`)];
}

function complaint(file: string, rule: string, problem: string, instead: string): Violation {
  return { wall: 'imports', rule, file, subject: rule, problem, instead };
}
