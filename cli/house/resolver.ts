import { isBuiltin } from 'node:module';
import { posix } from 'node:path';
import { type Room, roomOf } from './rooms.js';

/** Where an import leads. */
export type Target =
  /** `isPackage`: by its package's name, such as `@banyan/kernel/http`; otherwise by a relative path. */
  | { readonly is: 'file'; readonly path: string; readonly room: Room | undefined; readonly isPackage: boolean }
  | { readonly is: 'package'; readonly name: string }
  | { readonly is: 'builtin'; readonly name: string }
  /** It cannot be followed, so nobody knows what it touches; `why` ends the sentence "This import …". */
  | { readonly is: 'unknown'; readonly why: string };

const SOURCE = /\.[cm]?[jt]sx?$/;

/** Follows imports by the rules of the house: our packages by their `exports`, files by their compiled names. */
export class Resolver {
  /** @param paths every source file there is, from the root */
  constructor(private readonly paths: ReadonlySet<string>) {}

  resolve(from: string, specifier: string | undefined): Target {
    if (specifier === undefined) return unknown('is computed, so nobody can tell what it reaches');
    if (specifier.startsWith('.')) return this.relative(from, specifier);
    if (specifier.startsWith('@banyan/')) return this.ours(specifier.split('/').slice(1));
    if (/^[/#]|^[a-z]+:(?!\w)|^(?:file|data|https?):/i.test(specifier)) return unknown(`names "${specifier}", which is neither a relative path nor a package`);
    if (isBuiltin(specifier)) return { is: 'builtin', name: specifier.replace(/^node:/, '') };
    return { is: 'package', name: specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/') };
  }

  private relative(from: string, specifier: string): Target {
    const path = posix.join(posix.dirname(from), specifier);
    if (path.startsWith('../')) return unknown(`leads out of the repository (${specifier})`);
    const found = sourcesOf(path).find((it) => this.paths.has(it));
    if (found) return this.file(found, false);
    // Data, such as JSON, is no room; that it is there is the compiler's business.
    return SOURCE.test(path) || !posix.extname(path) ? unknown(`leads to ${path}, where there is no file`) : this.file(path, false);
  }

  /** As the `exports` of our packages say: the kernel's rooms, a context's declaration and its contract. Nothing else. */
  private ours([name, ...inside]: readonly string[]): Target {
    const door = name === 'kernel'
      ? inside.length === 1 && `libs/shared-kernel/${inside[0]}/index.ts`
      : (inside.length === 0 && `libs/contexts/${name}/index.ts`) || (inside.join('/') === 'contract' && `libs/contexts/${name}/contract/index.ts`);
    const specifier = ['@banyan', name, ...inside].join('/');
    if (!door) return unknown(`names "${specifier}", which no package exports`);
    return this.paths.has(door) ? this.file(door, true) : unknown(`names "${specifier}", but there is no ${door}`);
  }

  private file(path: string, isPackage: boolean): Target {
    return { is: 'file', path, room: roomOf(path), isPackage };
  }
}

/** `./order.js` is compiled from `./order.ts`, or is JavaScript already; a bundled page may leave the ending out. */
function sourcesOf(path: string): string[] {
  return [path.replace(/\.js$/, '.ts'), path.replace(/\.jsx?$/, '.tsx'), path.replace(/\.([cm])js$/, '.$1ts'), path, `${path}.ts`, `${path}.tsx`];
}

function unknown(why: string): Target {
  return { is: 'unknown', why };
}
