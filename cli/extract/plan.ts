import type { ContextDeclaration } from '@banyan/kernel/context';
import { type House, declarationsOf } from '../house/index.js';
import { CannotExtract, type Change, contentOf, withBlock, withoutBlock } from './change.js';
import { type IssuerImport, composeService, dockerStage, folderOf, mainFile, nestCli } from './files.js';

/**
 * What lifting a context out changes in the repository, or taking that back: the app, its image, its service, its
 * place in `nest-cli.json`. Nothing below `libs/`. What is there already stays as it is.
 * @throws CannotExtract when there is no such context, or somebody has changed by hand what would be written or removed
 */
export async function planOf(house: House, name: string, wish: 'extract' | 'undo'): Promise<Change[]> {
  const { declaration, exported } = contextIn(house, name);
  const main = mainFile(declaration, exported, await issuerIn(house));
  const isWanted = wish === 'extract';
  const mainPath = `${folderOf(name)}/main.ts`;
  const known = await contentOf(house.root, mainPath);
  if (known !== undefined && known !== main) throw new CannotExtract([`${mainPath} was changed by hand: this command neither overwrites nor removes it. Compare it with what --dry-run shows once it is moved away.`]);
  const edit = isWanted ? withBlock : withoutBlock;
  return [
    { path: mainPath, before: known, after: isWanted ? main : undefined },
    await edited(house.root, 'nest-cli.json', (text) => nestCli(text, name, isWanted)),
    await edited(house.root, 'Dockerfile', (text) => edit('Dockerfile', text, dockerStage(declaration))),
    await edited(house.root, 'docker-compose.yml', (text) => edit('docker-compose.yml', text, composeService(declaration))),
  ];
}

async function edited(root: string, path: string, edit: (text: string) => string): Promise<Change> {
  const before = await contentOf(root, path);
  if (before === undefined) throw new CannotExtract([`There is no ${path}.`]);
  return { path, before, after: edit(before) };
}

function contextIn(house: House, name: string): { readonly declaration: ContextDeclaration; readonly exported: string } {
  const context = house.contexts.find((it) => it.name === name);
  const found = Object.entries(context?.door ?? {}).find(([, value]) => value === context?.declaration);
  if (context?.declaration && found) return { declaration: context.declaration, exported: found[0] };
  if (context) throw new CannotExtract([`The context "${name}" cannot be read: ${context.trouble ?? 'its index.ts does not export the declaration.'}`]);
  throw new CannotExtract([`There is no context "${name}". There are: ${declarationsOf(house).map((it) => it.name).join(', ')}.`]);
}

/** Every app accepts the tokens that the monolith accepts. */
async function issuerIn(house: House): Promise<IssuerImport> {
  const file = 'apps/monolith/monolith.ts';
  const text = await contentOf(house.root, file) ?? '';
  const name = /\bissuer: (\w+)/.exec(text)?.[1];
  const module = name && new RegExp(`import \\{ ${name} \\} from '([^']+)';`).exec(text)?.[1];
  if (!name || !module) throw new CannotExtract([`${file} does not say who issues access tokens (issuer: …).`]);
  return { module, name };
}
