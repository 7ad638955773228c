import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Block, root } from './markdown.js';

/** Everything but what was installed; `dist` only saves time. */
const COPIED = ['apps', 'cli', 'dist', 'docs', 'libs', 'tools', 'package.json', 'package-lock.json', 'tsconfig.json', 'jest.config.mjs', 'nest-cli.json', '.swcrc'];

/** A copy of the sources that shares what is installed, to do in it what a guide says. */
export class ScratchCheckout {
  readonly folder = mkdtempSync(join(tmpdir(), 'banyan-guide-'));

  constructor() {
    for (const name of COPIED) {
      cpSync(join(root, name), join(this.folder, name), { recursive: true, preserveTimestamps: true, filter: (path) => basename(path) !== 'node_modules' });
    }
    this.shareInstalled();
  }

  /** Writes a block's file, or changes it as the block's diff says. @throws Error when the diff does not fit the file */
  write({ file = '', language, text }: Block): void {
    const path = join(this.folder, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, language === 'diff' ? patched(readFileSync(path, 'utf8'), text, file) : text);
  }

  /** What `npm install` does about our own packages: a link for each. */
  linkPackages(): void {
    const scope = join(this.folder, 'node_modules', '@banyan');
    rmSync(scope, { recursive: true, force: true });
    mkdirSync(scope);
    const contexts = readdirSync(join(this.folder, 'libs', 'contexts'));
    for (const name of contexts) symlinkSync(join('..', '..', 'libs', 'contexts', name), join(scope, name), 'dir');
    symlinkSync(join('..', '..', 'libs', 'shared-kernel'), join(scope, 'kernel'), 'dir');
    symlinkSync(join('..', '..', 'cli'), join(scope, 'cli'), 'dir');
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private shareInstalled(): void {
    const [ours, theirs] = [join(this.folder, 'node_modules'), join(root, 'node_modules')];
    mkdirSync(join(ours, '.bin'), { recursive: true });
    const isOwn = (name: string): boolean => name === '@banyan' || name === '.bin';
    for (const name of readdirSync(theirs)) if (!isOwn(name)) symlinkSync(join(theirs, name), join(ours, name));
    // Relative links, so that `npx banyan` is the one of the copy.
    for (const name of readdirSync(join(theirs, '.bin'))) symlinkSync(readlinkSync(join(theirs, '.bin', name)), join(ours, '.bin', name));
  }
}

/** A diff as in a guide: its parts are found by what they show of the file, not by line numbers. */
function patched(content: string, diff: string, file: string): string {
  return diff.split(/^@@.*\n/m).reduce((text, part) => {
    const lines = part.trimEnd().split('\n');
    const side = (left: string): string => lines.filter((it) => !it.startsWith(left)).map((it) => it.slice(1)).join('\n');
    const before = side('+');
    if (!text.includes(before)) throw new Error(`The guide's change of ${file} does not fit the file any more. Bring the guide up to date; it expects:\n${before}`);
    return text.replace(before, () => side('-'));
  }, content);
}
