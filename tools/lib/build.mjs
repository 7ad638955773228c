import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { alone } from './lock.mjs';
import { at, root, say, Stop } from './tool.mjs';
import { captureNode } from './spawn.mjs';

const SOURCES = ['apps', 'libs', 'cli'];
const SETTINGS = ['.swcrc', 'nest-cli.json', 'tsconfig.json', 'package.json', 'package-lock.json'];
const TESTS = '**/*.test.ts';
const stamp = at('dist', '.banyan-build');

/** Makes dist/ agree with the sources; when nothing changed it only looks at sizes and times. */
export async function ensureBuilt() {
  if (isBuilt(digest())) return;
  await alone('build', async () => {
    const current = digest();
    if (!isBuilt(current)) await build(current);
  });
}

/**
 * Builds beside dist/ and moves over only the files that differ, each in one step: a program that
 * runs from dist/ never reads half a file, and a build that fails or is killed leaves it as it was.
 */
async function build(current) {
  say('Building dist/ …');
  removeAbandoned();
  const next = at(`.dist-${process.pid}`); // as deep as dist/, or the paths in source maps would be wrong
  try {
    mkdirSync(next);
    writeFileSync(join(next, '.gitignore'), '*\n');
    await compileInto(next);
    mkdirSync(at('dist'), { recursive: true });
    publish(next);
    writeFileSync(stamp, current);
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

async function compileInto(next) {
  const config = JSON.parse(readFileSync(at('nest-cli.json'), 'utf8'));
  const options = config.compilerOptions.builder.options;
  options.outDir = relative(root, next);
  options.ignore = [...(options.ignore ?? []), TESTS];
  const configFile = join(next, 'nest-cli.json');
  writeFileSync(configFile, JSON.stringify(config));
  const nest = at('node_modules', '@nestjs', 'cli', 'bin', 'nest.js');
  const { code, output } = await captureNode([nest, 'build', 'monolith', '--config', relative(root, configFile)]);
  if (code !== 0) throw new Stop(`${output.trim()}\nThe build failed; dist/ is as it was.`, code);
}

function publish(next) {
  const made = new Set();
  for (const folder of SOURCES) {
    for (const file of walk(join(next, folder))) {
      const name = relative(next, file);
      made.add(name);
      if (sameBytes(file, at('dist', name))) continue;
      mkdirSync(dirname(at('dist', name)), { recursive: true });
      renameSync(file, at('dist', name));
    }
  }
  for (const folder of SOURCES) {
    for (const file of walk(at('dist', folder))) {
      if (/\.js(\.map)?$/.test(file) && !made.has(relative(at('dist'), file))) rmSync(file);
    }
  }
}

function sameBytes(one, other) {
  try {
    return readFileSync(one).equals(readFileSync(other));
  } catch {
    return false;
  }
}

/** Folders of builds that were killed; the lock is ours, so none of them is in use. */
function removeAbandoned() {
  for (const name of readdirSync(root)) {
    if (/^\.dist-\d+$/.test(name)) rmSync(at(name), { recursive: true, force: true });
  }
}

function isBuilt(current) {
  try {
    return readFileSync(stamp, 'utf8') === current;
  } catch {
    return false;
  }
}

/** Names, sizes and times of everything the compiler reads: ~1 ms per hundred files. */
function digest() {
  const hash = createHash('sha256');
  const sources = SOURCES.flatMap((folder) => [...walk(at(folder))]).filter(isCompiled);
  for (const file of [...sources, ...SETTINGS.map((name) => at(name))]) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function isCompiled(file) {
  return /\.(ts|js)$/.test(file) && !/\.(test|d)\.ts$/.test(file);
}

function* walk(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist'].includes(entry.name) && !entry.name.startsWith('.')) yield* walk(path);
    } else yield path;
  }
}
