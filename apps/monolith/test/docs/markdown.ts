import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The repository that this test belongs to. */
export const root = join(import.meta.dirname, '..', '..', '..', '..');

/** A fenced block. What stands behind its language says what it is good for: `sh run`, `ts file=libs/…`. */
export interface Block {
  readonly language: string;
  /** To be run by the tests as it is. */
  readonly isRun: boolean;
  /** The file whose content (or change, in a diff) the block is. */
  readonly file: string | undefined;
  readonly text: string;
}

/** A document as its readers see it. */
export interface Page {
  /** From the root, with `/` on every system. */
  readonly path: string;
  readonly text: string;
  /** Without fenced blocks. */
  readonly prose: string;
  readonly blocks: readonly Block[];
}

const FENCE = /^```(.*)\n([\s\S]*?)^```$/gm;
const NOT_OURS = new Set(['node_modules', 'dist', '.git', '.data']);

/** Every Markdown file of the repository. */
export function allPages(): Page[] {
  return globSync('**/*.md', { cwd: root, exclude: (name) => NOT_OURS.has(name) }).sort().map((path) => readPage(path.replaceAll('\\', '/')));
}

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks = [...text.matchAll(FENCE)].map(([, info = '', content = '']) => blockOf(info, content));
  return { path, text, prose: text.replace(FENCE, ''), blocks };
}

function blockOf(info: string, text: string): Block {
  const [language = '', ...words] = info.trim().split(/\s+/);
  return { language, isRun: words.includes('run'), file: words.find((it) => it.startsWith('file='))?.slice('file='.length), text };
}

/** What a page shows as code: `inline`, and its blocks for the shell. */
export function codeIn({ prose, blocks }: Page): string[] {
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
  return [...inline, ...blocks.filter(({ language }) => language === 'sh').map(({ text }) => text)];
}

/** The blocks to be run, as one script in which variables live on from block to block. */
export function scriptOf({ blocks }: Page): string {
  return blocks.filter(({ isRun }) => isRun).map(({ text }) => text).join('\n');
}
