import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { program } from '../../../../cli/program.js';
import { contexts } from '../../contexts.js';
import { type Page, allPages, codeIn, readPage, root } from './markdown.js';

const pages = allPages();
/** What people wrote; the rest follows the code anyhow. */
const written = pages.filter(({ path }) => !path.startsWith('docs/generated/'));
const readme = readPage('README.md');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** What a page says and is not so; the test fails with all of it. */
function complaints(complain: (page: Page) => Iterable<string>): string[] {
  return written.flatMap((page) => [...complain(page)].map((it) => `${page.path}: ${it}`));
}

describe('the documents', () => {
  it('have a README that can be read in one go', () => {
    expect(readme.text.split('\n').length).toBeLessThan(200);
  });

  it('link to what is there', () => {
    expect(complaints(brokenLinks)).toEqual([]);
  });

  it('name files and folders that exist', () => {
    expect(complaints(missingFiles)).toEqual([]);
  });

  it('show commands that exist', () => {
    expect(complaints(unknownCommands)).toEqual([]);
  });

  it('name settings that something reads', () => {
    expect(complaints(unknownSettings)).toEqual([]);
  });

  it('tell of every setting of the monolith in the README', () => {
    expect(settingsOfTheShop().filter((it) => !readme.text.includes(`\`${it}\``))).toEqual([]);
  });

  it('lead from the README to every context and every guide', () => {
    const destinations = [...contexts.map(({ name }) => `libs/contexts/${name}`), ...readdirSync(join(root, 'docs/guides')).map((it) => `docs/guides/${it}`)];
    expect(destinations.filter((it) => !readme.text.includes(`](${it})`))).toEqual([]);
  });
});

describe('the decisions', () => {
  const files = readdirSync(join(root, 'docs/adr')).filter((it) => it !== 'README.md').sort();

  it('are numbered without gaps and all in the index, under their own titles', () => {
    const index = read('docs/adr/README.md');
    const unlisted = files.filter((file, i) => {
      const number = String(i + 1).padStart(4, '0');
      const title = /^# (\d{4}) (.*)$/m.exec(read(`docs/adr/${file}`));
      return !file.startsWith(`${number}-`) || title?.[1] !== number || !index.includes(`| ${number} | [${title[2]}](${file}) |`);
    });
    expect(unlisted).toEqual([]);
  });

  it('are short, and say context, decision and consequences', () => {
    const strange = files.filter((file) => {
      const text = read(`docs/adr/${file}`);
      return text.split('\n').length > 40 || [...text.matchAll(/^## (.*)$/gm)].map(([, it]) => it).join() !== 'Context,Decision,Consequences';
    });
    expect(strange).toEqual([]);
  });
});

function* brokenLinks({ path, prose }: Page): Generator<string> {
  for (const [, link = ''] of prose.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(link)) continue;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : posix.join(posix.dirname(path), file);
    if (!existsSync(join(root, target))) yield `${link} leads nowhere`;
    else if (anchor !== undefined && !anchorsOf(target).includes(anchor)) yield `${link} leads to no heading of ${target}`;
  }
}

function anchorsOf(file: string): string[] {
  return [...readPage(file).prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-'));
}

/** Files that the guides create are not there before. */
const created = new Set(pages.flatMap(({ blocks }) => blocks.flatMap(({ file }) => file ?? [])));

function* missingFiles(page: Page): Generator<string> {
  for (const code of codeIn({ ...page, blocks: [] })) {
    const isFromRoot = /^(?:apps|bench|cli|deploy|docs|libs|tools)(?:\/[\w.@-]+)+\/?$/.test(code);
    const isFromHere = /^(?:contract|src|test)\/[\w./-]+\.\w+$/.test(code) && page.path.startsWith('libs/');
    const file = isFromHere ? posix.join(dirname(page.path), code) : code;
    if ((isFromRoot || isFromHere) && !created.has(file) && !existsSync(join(root, file))) yield `${code} is not there`;
  }
}

const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);
/** The options of every verb, those of its own verbs included: `parked redrive --reason`. */
const verbs = new Map(program().commands.map((it) => [it.name(), [it, ...it.commands].flatMap(({ options }) => options.map(({ long }) => long))]));

function* unknownCommands(page: Page): Generator<string> {
  for (const [line, runner, name = ''] of codeIn(page).join('\n').matchAll(/\b(npm run|npm|npx)(?: --?\w+)* ([a-z][\w-]*).*/g)) {
    const isKnown = runner === 'npx' ? existsSync(join(root, 'node_modules', '.bin', name))
      : scripts.includes(name) || (runner === 'npm' && ['ci', 'install'].includes(name));
    if (!isKnown) yield `there is no "${runner} ${name}"`;
    const [, verb] = /^npx banyan ([a-z]+)/.exec(line) ?? [];
    if (verb === undefined) continue;
    const known = verbs.get(verb);
    if (!known) yield `there is no "npx banyan ${verb}"`;
    for (const [option] of line.matchAll(/--[a-z-]+/g)) if (known && !known.includes(option) && option !== '--help') yield `"npx banyan ${verb}" has no ${option}`;
  }
}

/** The variables of a zod object in a file of settings; one is the launcher's own and concerns nobody. */
function settingsIn(file: string): string[] {
  return [...read(file).matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].flatMap(([, name = '']) => (name === 'BANYAN_STARTED_AT' ? [] : [name]));
}

/** What every app reads, and what the contexts ask to be told. */
function settingsOfTheShop(): string[] {
  const asked = contexts.flatMap(({ settings }) => Object.keys(settings?.variables.shape ?? {}));
  return [...new Set([...settingsIn('libs/shared-kernel/app/config.ts'), ...asked])];
}

const known = new Set([
  ...settingsOfTheShop(),
  ...settingsIn('cli/replay/config.ts'),
  ...[...contexts.map(({ name }) => name), 'wishlist'].map((it) => `${it.toUpperCase()}_DATABASE_URL`),
  ...(read('docker-compose.yml').match(/\b[A-Z]+(?:_[A-Z]+)+\b/g) ?? []),
]);

/** Names in capitals with an underscore are settings. */
function* unknownSettings(page: Page): Generator<string> {
  if (page.path.startsWith('bench/')) return; // a package of its own, with settings of its own
  const code = codeIn(page).filter((it) => !it.includes('<CONTEXT>')).join('\n');
  const named = new Set([...code.matchAll(/(?<![\w$])[A-Z]+(?:_[A-Z]+)+\b/g)].map(([name]) => name));
  for (const name of named) if (!known.has(name)) yield `nothing reads ${name}`;
}
