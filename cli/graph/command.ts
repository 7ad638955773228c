import { Command } from 'commander';
import type { Comparison } from './folder.js';

interface Options {
  readonly check?: true;
  readonly dryRun?: true;
  readonly json?: true;
}

/** `banyan graph` */
export function graphCommand(): Command {
  return new Command('graph')
    .summary('draw the maps of the house from its code')
    .description(`Writes docs/generated/ from the code, so that no drawing is older than what it shows:

  house-map.txt       every arrow between two rooms, one per line
  context-map.md      the contexts, who calls whom and who hears what
  contexts/<name>.md  what a context offers, announces, serves and keeps
  errors.md           every error, with its HTTP and gRPC status
  asyncapi.yaml       every event as it travels: AsyncAPI 3.1

The files are committed: a new arrow shows in review.`)
    .option('--check', 'write nothing, and fail when a file is not as the code is')
    .option('--dry-run', 'write nothing, and say what would be written')
    .option('--json', 'print the outcome as one JSON document')
    .addHelpText('after', `
Exit code: 0 when all is well, 1 when --check finds a file that is stale, 2 when the command is wrong.

Examples:
  npx banyan graph
  npx banyan graph --check
  git diff docs/generated/house-map.txt   # what a change made visible`)
    .action(run);
}

async function run({ check, dryRun, json }: Options): Promise<void> {
  const [{ openHouse }, { drawings }, { compare, write }] = await Promise.all([import('../house/index.js'), import('./drawings.js'), import('./folder.js')]);
  const house = await openHouse();
  const files = await drawings(house);
  const comparison = await compare(house.root, files);
  if (!check && !dryRun) await write(house.root, files, comparison);
  const stale = comparison.filter(({ state }) => state !== 'current');
  const ok = !check || stale.length === 0;
  const text = json ? JSON.stringify({ ok, files: comparison }, null, 2) : readable(comparison, { check: check ?? false, dryRun: dryRun ?? false });
  process.stdout.write(`${text}\n`);
  process.exitCode = ok ? 0 : 1;
}

const changes = { stale: 'changed', missing: 'new', stray: 'deleted', current: 'current' };
const troubles = { stale: 'is not as the code is', missing: 'is missing', stray: 'belongs to nothing any more', current: 'is current' };

function readable(comparison: readonly Comparison[], { check, dryRun }: { readonly check: boolean; readonly dryRun: boolean }): string {
  const differing = comparison.filter(({ state }) => state !== 'current');
  if (differing.length === 0) return `${comparison.length} files in docs/generated are as the code is.`;
  if (check) return [...differing.map(({ file, state }) => `${file} ${troubles[state]}`), '→ Run npx banyan graph, look at what has changed, and commit it.'].join('\n');
  return [...differing.map(({ file, state }) => `${changes[state]}  ${file}`), `${differing.length} of ${comparison.length} files ${dryRun ? 'would be' : 'were'} written.`].join('\n');
}
